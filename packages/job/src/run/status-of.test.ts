import type { Condition, Job, JobObjectStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { statusOf } from './status-of.ts';

function job(status: JobObjectStatus | undefined, spec: object = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'batch', namespace: 'shop', uid: 'u1' },
    spec: { template: { spec: { containers: [] } }, ...spec },
    ...(status && { status }),
  };
}

const holds = (type: string, status: Condition['status'] = 'True'): Condition => ({ type, status });

test.each<[string, JobObjectStatus | undefined, string]>([
  ['has no status yet', undefined, 'Pending'],
  ['has a pod that no node has taken', { active: 1 }, 'Pending'],
  ['has a pod that is not ready', { active: 1, ready: 0 }, 'Pending'],
  ['has a pod that is ready', { active: 1, ready: 1 }, 'Running'],
  ['has a second pod after one that failed', { active: 1, failed: 1 }, 'Running'],
  ['waits before a retry', { failed: 1 }, 'Pending'],
  [
    'has met its criteria, while pods still end',
    { active: 1, ready: 1, conditions: [holds('SuccessCriteriaMet')] },
    'Running',
  ],
  ['is about to fail, while pods still end', { active: 1, ready: 1, conditions: [holds('FailureTarget')] }, 'Running'],
  [
    'has pods that have ended and are not counted yet',
    { active: 0, uncountedTerminatedPods: { succeeded: ['u'] } },
    'Running',
  ],
  ['has only pods that are ending', { active: 0, terminating: 1, startTime: '2026-11-21T16:41:06Z' }, 'Running'],
  ['has reached its goal, and has yet to say so', { active: 0, succeeded: 1 }, 'Running'],
  ['has met its criteria, without a pod left', { conditions: [holds('SuccessCriteriaMet')] }, 'Running'],
  ['was about to complete and did', { conditions: [holds('SuccessCriteriaMet'), holds('Complete')] }, 'Complete'],
  ['was about to fail and did', { conditions: [holds('FailureTarget'), holds('Failed')] }, 'Failed'],
  ['is suspended', { conditions: [holds('Suspended')] }, 'Suspended'],
  ['was suspended once', { active: 1, ready: 1, conditions: [holds('Suspended', 'False')] }, 'Running'],
  ['completed after it was suspended', { conditions: [holds('Suspended'), holds('Complete')] }, 'Complete'],
  ['may have failed, as far as is known', { conditions: [holds('Failed', 'Unknown')] }, 'Pending'],
])('a Job that %s', (_what, status, state) => {
  expect(statusOf(job(status)).state).toBe(state);
});

test('counters that the cluster does not write are 0, and a Job without completions is a work queue', () => {
  expect(statusOf(job(undefined, { parallelism: 3 }))).toEqual({
    namespace: 'shop',
    name: 'batch',
    uid: 'u1',
    state: 'Pending',
    active: 0,
    ready: 0,
    succeeded: 0,
    failed: 0,
    completions: null,
    parallelism: 3,
    conditions: [],
  });
});

test('reason and message are those of the condition that decides', () => {
  const conditions: Condition[] = [
    { type: 'FailureTarget', status: 'True', reason: 'Early', message: 'not this' },
    { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'too long' },
  ];
  expect(statusOf(job({ conditions }))).toMatchObject({ reason: 'DeadlineExceeded', message: 'too long' });
});
