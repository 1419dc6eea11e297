import { expect, test } from 'vitest';
import type { JobStatus } from '../status-of.ts';
import { outcomeOf, type JobFate } from './fate.ts';

const template = { spec: { containers: [] } };
const suspended: JobStatus = {
  namespace: 'shop',
  name: 'a',
  uid: 'u',
  state: 'Suspended',
  active: 0,
  ready: 0,
  succeeded: 0,
  failed: 0,
  completions: 1,
  parallelism: 1,
  conditions: [],
};

test.each<[JobStatus['state'], string | undefined, number, JobFate['outcome'] | undefined]>([
  ['Complete', 'CompletionsReached', 0, 'complete'],
  ['Failed', 'BackoffLimitExceeded', 0, 'failed'],
  ['Failed', 'PodFailurePolicy', 0, 'failed'],
  ['Failed', 'DeadlineExceeded', 0, 'deadline'],
  ['Suspended', undefined, 0, 'suspended'],
  ['Suspended', undefined, 1, undefined],
  ['Running', undefined, 1, undefined],
  ['Pending', undefined, 0, undefined],
])('a Job that is %s (%s) with %i active pods: %s', (state, reason, active, outcome) => {
  const status: JobStatus = { ...suspended, state, active, ...(reason !== undefined && { reason }) };
  expect(outcomeOf(status, { suspend: true, template })).toBe(outcome);
});

test('a Job that was resumed just now goes on, though the cluster still calls it suspended', () => {
  expect(outcomeOf(suspended, { suspend: true, template })).toBe('suspended');
  expect(outcomeOf(suspended, { suspend: false, template })).toBeUndefined();
});
