import type { Job, Pod, PodStatus } from '@ephemera/model';
import { expect, test } from 'vitest';
import { checkOptions } from '../options/check-options.ts';
import { sandboxJob } from '../objects/job.ts';
import { verdictOf } from './verdict-of.ts';

const id = 'sandbox-0123456789';
const expiresAt = '2026-01-01T01:00:00.000Z';
const before = new Date('2026-01-01T00:30:00Z');
const after = new Date('2026-01-01T01:00:01Z');
/** By the clock of another process. */
const justBefore = new Date('2026-01-01T00:59:59Z');

interface Case {
  readonly job?: Partial<Job['metadata']> | 'gone';
  readonly conditions?: NonNullable<Job['status']>['conditions'];
  readonly pod?: Partial<PodStatus> & { readonly deleted?: true };
  readonly idleTimeoutMs?: number;
  readonly now?: Date;
}

function judge({ job = {}, conditions = [], pod, idleTimeoutMs, now = before }: Case) {
  const made = sandboxJob({
    id,
    namespace: 'shop',
    options: checkOptions({ image: 'busybox:1', ...(idleTimeoutMs !== undefined && { idleTimeoutMs }) }),
    creation: 'abc',
    owner: undefined,
    expiresAt: new Date(expiresAt),
    ttlSeconds: 300,
  });
  const { deleted, ...status } = pod ?? {};
  const seen: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${id}-abcde`,
      uid: 'p-1',
      labels: { 'batch.kubernetes.io/controller-uid': 'u-1' },
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(deleted && { deletionTimestamp: '2026-01-01T00:30:10Z' }),
    },
    spec: { ...made.spec.template.spec, nodeName: 'node-1' },
    status: { phase: 'Running', ...status },
  };
  return verdictOf({
    id,
    uid: 'u-1',
    job:
      job === 'gone'
        ? undefined
        : {
            ...made,
            metadata: { ...made.metadata, uid: 'u-1', creationTimestamp: '2026-01-01T00:00:00Z', ...job },
            status: { startTime: '2026-01-01T00:00:00Z', conditions },
          },
    pods: pod === undefined ? [] : [seen],
    expiresAt,
    now,
  });
}

const ended = (exitCode: number, reason = 'Error'): Partial<PodStatus> => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  containerStatuses: [
    {
      name: 'sandbox',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, reason, finishedAt: '2026-01-01T00:29:00Z' } },
    },
  ],
});
const failed = (reason: string, message = '') => [{ type: 'Failed', status: 'True' as const, reason, message }];
const disrupted = (reason: string) => [
  { type: 'DisruptionTarget', status: 'True' as const, reason, message: 'so it is' },
];

test.each<[string, string, Case]>([
  ['its Job was deleted', 'sandbox.gone', { job: 'gone' }],
  ['its Job is kept no longer', 'sandbox.expired', { job: 'gone', now: after }],
  ['its Job is kept no longer, one second before its time', 'sandbox.expired', { job: 'gone', now: justBefore }],
  ['another Job has its name', 'sandbox.gone', { job: { uid: 'u-2' }, pod: {} }],
  ['its Job is being deleted', 'sandbox.gone', { job: { deletionTimestamp: '2026-01-01T00:29:00Z' }, pod: {} }],
  ['its pod was deleted', 'sandbox.gone', { pod: { deleted: true } }],
  ['its pod was deleted and has ended', 'sandbox.gone', { pod: { ...ended(143), deleted: true } }],
  ['its pod was deleted, and only the Job is left', 'sandbox.gone', { conditions: failed('BackoffLimitExceeded') }],
  [
    'the eviction API removed it',
    'sandbox.evicted',
    { pod: { deleted: true, conditions: disrupted('EvictionByEvictionAPI') } },
  ],
  [
    'it was evicted, and only the Job is left',
    'sandbox.evicted',
    {
      conditions: failed(
        'PodFailurePolicy',
        'Pod shop/x has condition DisruptionTarget matching FailJob rule at index 0',
      ),
    },
  ],
  [
    'it used too much disk',
    'sandbox.evicted',
    { pod: { ...ended(137), reason: 'Evicted', message: 'exceeds the limit' } },
  ],
  [
    'the scheduler wanted its place',
    'sandbox.evicted',
    { pod: { deleted: true, conditions: disrupted('PreemptionByScheduler') } },
  ],
  ['its node was lost', 'sandbox.evicted', { pod: { deleted: true, conditions: disrupted('DeletionByTaintManager') } }],
  ['it used too much memory', 'sandbox.out_of_memory', { pod: ended(137, 'OOMKilled') }],
  [
    'it used too much memory, and the Job knows already',
    'sandbox.out_of_memory',
    { pod: ended(137, 'OOMKilled'), conditions: failed('BackoffLimitExceeded') },
  ],
  ['the deadline of the Job came', 'sandbox.expired', { conditions: failed('DeadlineExceeded') }],
  ['the runner ended at its time', 'sandbox.expired', { pod: ended(0, 'Completed'), now: after }],
  [
    'the Job completed at its time',
    'sandbox.expired',
    { conditions: [{ type: 'Complete', status: 'True' }], now: after },
  ],
  ['the runner ended one second before its time', 'sandbox.expired', { pod: ended(0, 'Completed'), now: justBefore }],
  ['nobody used it', 'sandbox.expired', { pod: ended(0, 'Completed'), idleTimeoutMs: 60_000 }],
  ['it was told to end', 'sandbox.gone', { pod: ended(0, 'Completed') }],
  ['the runner crashed', 'sandbox.gone', { pod: ended(139) }],
])('when %s, it is %s', (_, code, given) => {
  expect(judge(given)).toMatchObject({ code });
});

test.each<[string, Case]>([
  ['its pod runs', { pod: {} }],
  ['its pod runs and is not ready', { pod: { conditions: [{ type: 'Ready', status: 'False' }] } }],
  ['its pod is on its way', { pod: { phase: 'Pending' } }],
  ['its pod is not there yet', {}],
  ['its time is over, and it still runs', { pod: {}, now: after }],
])('when %s, nothing is over', (_, given) => {
  expect(judge(given)).toBeUndefined();
});
