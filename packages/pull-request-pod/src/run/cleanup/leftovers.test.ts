import type { KnownKind } from '@ephemera/kube';
import { expect, test } from 'vitest';
import { builderOwner } from '../../objects/labels.ts';
import { divide } from './cleanup-pr-job.ts';
import type { Part } from './part.ts';
import { turnOf } from './stages.ts';
import { leftoversOf } from './sweep-pr-job.ts';

const first = 'pr-job-a-1767225600000';
const second = 'pr-job-a-1767225600001';
const account: KnownKind = 'v1/ServiceAccount';

function part(kind: KnownKind, jobName: string | undefined, more: object = {}): Part {
  const short = kind.slice(kind.lastIndexOf('/') + 1);
  const metadata = { name: `${short}-${jobName}`, namespace: 'n', uid: `${short}-${jobName}` };
  return {
    object: { apiVersion: 'v1', kind: short, metadata, ...more },
    kind,
    jobName,
    owner: builderOwner({ name: 'a' }),
    whose: 'ours',
  };
}

const job = (jobName: string, condition?: string) =>
  part('batch/v1/Job', jobName, {
    spec: {},
    status: { conditions: condition === undefined ? [] : [{ type: condition, status: 'True' }] },
  });
const names = (parts: readonly Part[]) => parts.map(({ object }) => object.metadata.name);
const builder = part('apps/v1/Deployment', first);
const map = part('v1/ConfigMap', first);
const unnamed = part('apps/v1/Deployment', undefined);
const shared = part(account, undefined);
const pod = part('v1/Pod', first);

test.each([
  ['nothing is there', [], 'gone', []],
  ['no Job is left: everything', [builder, shared, pod], 'finished', [builder, shared, pod]],
  ['its Job runs: nothing', [job(first), builder, map, unnamed, shared, pod], 'running', []],
  ['its Job is to end, and has not: nothing', [job(first, 'FailureTarget'), builder], 'running', []],
  ['its Job is suspended: nothing', [job(first, 'Suspended'), builder], 'running', []],
  [
    'its Job is complete: the builder only',
    [job(first, 'Complete'), builder, map, shared, pod],
    'finished',
    [builder, map],
  ],
  ['its Job has failed: also a builder of no Job', [job(first, 'Failed'), unnamed], 'finished', [unnamed]],
  ['another Job runs: what is of the one that is gone', [job(second), builder, unnamed, shared], 'running', [builder]],
])('to be swept where %s', (_what, parts, state, leftovers) => {
  const found = leftoversOf(parts);
  expect([found.state, names(found.leftovers)]).toEqual([state, names(leftovers)]);
});

test('Jobs are removed before builders, these before pods, then what they use, and the account last', () => {
  const secret = part('v1/Secret', first);
  const left = [shared, pod, map, secret, builder, job(first)];
  const turns: string[][] = [];
  for (let rest = left; rest.length > 0; rest = rest.filter((one) => !turns.flat().includes(one.object.metadata.name)))
    turns.push(names(turnOf(rest)).toSorted());
  expect(turns).toEqual([
    names([job(first)]),
    names([builder]),
    names([pod]),
    names([map, secret]).toSorted(),
    names([shared]),
  ]);
});

test('a Job that has come since is kept with what is its own, and with the account; what others own is kept too', () => {
  const later = job(second);
  const laterPod = part('v1/Pod', second);
  const others: Part = { ...part('apps/v1/StatefulSet', first), whose: { because: 'it is theirs' } };
  const parts = [job(first), later, laterPod, builder, shared, others];
  const known = new Set([job(first).object.metadata.uid]);
  const { meant, kept } = divide({ parts }, known);
  expect(names(meant)).toEqual(names([job(first), builder]));
  expect(kept.map(({ uid }) => uid)).toEqual(names([later, laterPod, shared, others]));
  expect(divide({ parts }, new Set([...known, later.object.metadata.uid])).meant).toContain(shared);
});
