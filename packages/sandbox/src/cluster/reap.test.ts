import type { Job } from '@ephemera/model';
import { expect, test } from 'vitest';
import { checkOptions } from '../options/check-options.ts';
import { sandboxJob } from '../objects/job.ts';
import { isLongOver } from './reap.ts';

const at = (minute: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000);

/** Made at minute 0 for ten minutes, which its own limit makes eleven. */
function job(changes: { readonly metadata?: object; readonly status?: Job['status'] } = {}): Job {
  const made = sandboxJob({
    id: 'sandbox-0123456789',
    namespace: 'shop',
    options: checkOptions({ timeoutMs: 600_000 }),
    creation: 'abc',
    owner: undefined,
    expiresAt: at(10),
    ttlSeconds: 300,
  });
  return {
    ...made,
    metadata: { ...made.metadata, creationTimestamp: at(0).toISOString(), ...changes.metadata },
    status: changes.status ?? { startTime: at(0).toISOString() },
  };
}
const endedAt = (minute: number): Job['status'] => ({
  conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: at(minute).toISOString() }],
});
const annotated = (expires: string) => ({ annotations: { 'ephemera.dev/expires-at': expires } });

test.each<[string, boolean, Job, number]>([
  ['lives', false, job(), 5],
  ['has just expired', false, job(), 12],
  ['should have ended by both limits long ago', true, job(), 17],
  ['was never started, and is past both limits', true, job({ status: {} }), 17],
  [
    'is past its expiry only: the Job was given more time',
    false,
    { ...job(), spec: { ...job().spec, activeDeadlineSeconds: 3_600 } },
    30,
  ],
  [
    'is past the limit of the Job only: its expiry was moved',
    false,
    job({ metadata: annotated(at(60).toISOString()) }),
    30,
  ],
  ['has an expiry that nobody can read', false, job({ metadata: annotated('tomorrow') }), 600],
  ['has no expiry', false, job({ metadata: { annotations: {} } }), 600],
  ['has no limit', false, { ...job(), spec: { template: job().spec.template } }, 600],
  ['has ended, and is kept for its time', false, job({ status: endedAt(10) }), 17],
  ['has ended, and should be gone', true, job({ status: endedAt(10) }), 21],
  ['is being removed already', false, job({ metadata: { deletionTimestamp: at(11).toISOString() } }), 600],
  ['is only called like one', false, job({ metadata: { labels: { app: 'ci-fixer-sandbox' } } }), 600],
])('a sandbox that %s is reaped: %s', (_, expected, seen, minute) => {
  expect(isLongOver(seen, { now: at(minute), graceMs: 300_000 })).toBe(expected);
});
