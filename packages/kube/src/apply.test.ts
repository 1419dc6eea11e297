import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { apiServer, caught, json, refusal } from '../test/api-server.ts';
import { apply } from './apply.ts';
import { instanceOwner, nobody } from './ownership.ts';

const owner = instanceOwner('one');
const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } };
const present = (uid: string, metadata: object = {}) => ({
  ...object,
  metadata: { ...object.metadata, uid, labels: owner.labels, ...metadata },
});
const methods = (asked: readonly { readonly method: string }[]) => asked.map(({ method }) => method);

test('an object that was just read is not read again, and only that one is written to', async () => {
  await using api = await apiServer(json(200, present('1')));
  await apply(api.connection, owner, object, { read: present('1') as KubeObject });
  expect(methods(api.asked)).toEqual(['PATCH']);
  expect(JSON.parse(api.asked[0]?.body ?? '')).toMatchObject({ metadata: { uid: '1' } });
});

test('where another one has its name by now, that one is read after all, and left alone if it is somebody else’s', async () => {
  const theirs = { ...present('2'), metadata: { ...object.metadata, uid: '2' } };
  await using api = await apiServer(refusal(409, 'Conflict'), json(200, theirs));
  const applying = apply(api.connection, owner, object, { read: present('1') as KubeObject });
  await expect(applying).rejects.toMatchObject({ code: 'kube.foreign' });
  expect(methods(api.asked)).toEqual(['PATCH', 'GET']);
});

test('that nothing was there is believed for a dry run only', async () => {
  await using api = await apiServer(json(200, present('1')));
  await apply(api.connection, owner, object, { read: 'nothing', dryRun: true });
  expect(methods(api.asked)).toEqual(['PATCH']);
  await apply(api.connection, owner, object, { read: 'nothing' });
  expect(methods(api.asked)).toEqual(['PATCH', 'GET', 'PATCH']);
});

test('an object whose removal began in between is not taken for applied', async () => {
  await using api = await apiServer(json(200, present('1', { deletionTimestamp: '2026-01-01T00:00:00Z' })));
  await expect(apply(api.connection, owner, object, { read: present('1') as KubeObject })).rejects.toMatchObject({
    code: 'kube.terminating',
  });
});

test('nobody applies nothing', async () => {
  await using api = await apiServer(refusal(404, 'NotFound'));
  expect(await caught(() => apply(api.connection, nobody, object))).toBeInstanceOf(TypeError);
  expect(methods(api.asked)).toEqual(['GET']);
});
