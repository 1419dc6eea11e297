import { expect, test } from 'vitest';
import { checkOptions } from '../options/check-options.ts';
import { infoOf } from './info.ts';
import { sandboxJob, type Making } from './job.ts';

const making = (changes: Partial<Making> = {}): Making => ({
  id: 'sandbox-0123456789',
  namespace: 'shop',
  options: checkOptions({ image: 'busybox:1', timeoutMs: 90_500 }),
  creation: 'abc',
  owner: undefined,
  expiresAt: new Date('2026-01-02T03:04:05.678Z'),
  ttlSeconds: 300,
  ...changes,
});

test('a Job ends for good: one pod, a deadline after that of the runner, and gone 300 seconds after its end', () => {
  expect(sandboxJob(making()).spec).toMatchObject({
    backoffLimit: 0,
    activeDeadlineSeconds: 151,
    ttlSecondsAfterFinished: 300,
    podReplacementPolicy: 'Failed',
    podFailurePolicy: { rules: [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
    template: { spec: { restartPolicy: 'Never' } },
  });
});

test('Job and pod carry app=ci-fixer-sandbox and the id', () => {
  const { metadata, spec } = sandboxJob(making());
  const labels = { app: 'ci-fixer-sandbox', 'job-id': 'sandbox-0123456789' };
  expect(metadata.labels).toEqual(labels);
  expect(spec.template.metadata?.labels).toEqual(labels);
});

test('what a Job says about its sandbox is what it was made of', () => {
  const options = checkOptions({
    image: 'busybox:1',
    name: 'build',
    idleTimeoutMs: 60_000,
    metadata: { branch: 'main', note: 'two\nlines' },
  });
  const job = sandboxJob(making({ options, owner: 'alice' }));
  const seen = {
    ...job,
    metadata: { ...job.metadata, creationTimestamp: '2026-01-02T03:00:00Z' },
    status: { ready: 1 },
  };
  expect(infoOf(seen)).toEqual({
    id: 'sandbox-0123456789',
    name: 'build',
    image: 'busybox:1',
    namespace: 'shop',
    state: 'running',
    createdAt: '2026-01-02T03:00:00Z',
    expiresAt: '2026-01-02T03:04:05.678Z',
    idleTimeoutMs: 60_000,
    metadata: { branch: 'main', note: 'two\nlines' },
  });
});

test.each([
  [undefined, 'starting', undefined],
  [{ active: 1, ready: 0 }, 'starting', undefined],
  [{ active: 1, ready: 1 }, 'running', undefined],
  [{ conditions: [{ type: 'Complete', status: 'True' as const }] }, 'ended', 'Its time was over.'],
  [{ conditions: [{ type: 'Failed', status: 'True' as const, reason: 'Evil', message: 'so' }] }, 'ended', 'Evil: so'],
  [{ conditions: [{ type: 'Failed', status: 'False' as const }], ready: 1 }, 'running', undefined],
])('a Job with the status %j is %s', (status, state, reason) => {
  const job = sandboxJob(making());
  const { state: found, reason: why } = infoOf({ ...job, ...(status && { status }) });
  expect([found, why]).toEqual([state, reason]);
});

test('a Job whose annotations somebody has broken still has an expiry: its creation', () => {
  const { metadata, ...job } = sandboxJob(making());
  const annotations = { 'ephemera.dev/expires-at': 'soon', 'ephemera.dev/idle-timeout-ms': '-3' };
  const info = infoOf({ ...job, metadata: { ...metadata, annotations, creationTimestamp: '2026-01-01T00:00:00Z' } });
  expect(info).toMatchObject({ expiresAt: '2026-01-01T00:00:00Z' });
  expect(info).not.toHaveProperty('idleTimeoutMs');
});
