import type { Job } from '@ephemera/model';
import { expect, test } from 'vitest';
import { ownersWith } from './owners.ts';

const job = (name: string): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, uid: `uid-${name}` },
  spec: { template: { spec: { containers: [] } } },
});
const reference = (name: string, kind = 'Job') => ({ apiVersion: 'batch/v1', kind, name, uid: `uid-${name}` });

test.each([
  ['all Jobs, where there is no owner yet', [], ['a', 'b'], [reference('a'), reference('b')]],
  ['a Job that has come, beside the one that is there', [reference('a')], ['a', 'b'], [reference('a'), reference('b')]],
  ['no Job that is gone', [reference('a'), reference('b')], ['b'], [reference('b')]],
  ['none, where all Jobs are gone', [reference('a')], [], []],
  ['what is no Job, as before', [reference('x', 'ConfigMap')], ['a'], [reference('x', 'ConfigMap'), reference('a')]],
  ['nothing to write, where nothing changes', [reference('b'), reference('a')], ['a', 'b'], undefined],
])('%s', (_what, present, jobs, expected) => {
  expect(ownersWith(present, jobs.map(job))).toEqual(expected);
});
