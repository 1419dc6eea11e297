import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { partsOfJob } from './parts-of-job.ts';

function object(kind: string, uid: string, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: uid, uid, ...metadata } };
}

const ownedBy = (uid: string) => ({ ownerReferences: [{ kind: 'Job', uid }] });
const podOf = (uid: string) => ({ labels: { 'batch.kubernetes.io/controller-uid': uid } });
const jobOne = object('Job', 'one');
const jobTwo = object('Job', 'two');

const meantOf = (objects: readonly KubeObject[], uid: string | undefined, seen: readonly string[] = []) =>
  partsOfJob(objects, { uid, seen: new Set(seen) }).meant.map(({ metadata }) => metadata.uid);

test('what belongs to the Job that is meant is its own, whenever it came', () => {
  const objects = [jobOne, object('Pod', 'pod', podOf('one')), object('Secret', 'secret', ownedBy('one'))];
  expect(meantOf(objects, 'one')).toEqual(['one', 'pod', 'secret']);
});

test('a later Job is left alone, with what belongs to it, also what was there at the first look', () => {
  const objects = [jobTwo, object('Pod', 'pod', podOf('two')), object('Secret', 'taken over', ownedBy('two'))];
  expect(meantOf(objects, 'one', ['two', 'pod', 'taken over'])).toEqual([]);
  expect(meantOf(objects, undefined, ['two', 'pod', 'taken over'])).toEqual([]);
  expect(partsOfJob(objects, { uid: 'one', seen: new Set() }).later).toEqual(objects);
});

test('what belongs to no Job is removed where it was there at the first look and no later Job is', () => {
  const loose = object('Secret', 'loose');
  expect(meantOf([loose], 'one', ['loose'])).toEqual(['loose']);
  expect(meantOf([loose], 'one')).toEqual([]);
  expect(meantOf([jobTwo, loose], 'one', ['loose'])).toEqual([]);
});

test('what an earlier Job has left behind is removed, also without a Job', () => {
  const orphan = object('Pod', 'orphan', podOf('zero'));
  expect(meantOf([orphan], undefined, ['orphan'])).toEqual(['orphan']);
  expect(meantOf([jobTwo, orphan], 'one', ['two', 'orphan'])).toEqual(['orphan']);
});
