import { expect, test } from 'vitest';
import { JobFailed, untilSettled } from './job.ts';
import type { KubernetesObject } from './object.ts';

const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work', namespace: 'home' } };

test('a wait that is interrupted says that the Job is there, so that Pulumi keeps it', async () => {
  const running = { get: async (): Promise<KubernetesObject> => job };
  const waiting = untilSettled(running, job, { timeoutMs: 60_000, signal: AbortSignal.abort() });
  await expect(waiting).rejects.toThrow(JobFailed);
});
