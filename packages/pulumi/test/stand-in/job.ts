import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '@ephemera/model';
import type { Api } from './api.ts';
import type { KubernetesObject } from './object.ts';

const everyMs = 200;

/** Why a Job does not do what it was made for: it failed, went away or took too long. */
export class JobFailed extends Error {}

export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Waits until the Job is complete. A suspended Job is no exception: without `pulumi.com/skipAwait` it runs into the deadline. */
export async function untilComplete(
  api: Api,
  job: KubernetesObject,
  { timeoutMs, signal }: Patience,
): Promise<KubernetesObject> {
  const end = performance.now() + timeoutMs;
  const name = `Job ${job.metadata.namespace}/${job.metadata.name}`;
  for (;;) {
    const seen = await api.get(job);
    if (seen === undefined) throw new JobFailed(`${name} was deleted before it was complete`);
    const conditions = (seen as unknown as Job).status?.conditions ?? [];
    const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
    if (failed !== undefined) {
      throw new JobFailed(`${name} failed: [${failed.reason ?? 'no reason'}] ${failed.message ?? ''}`);
    }
    if (conditions.some(({ type, status }) => type === 'Complete' && status === 'True')) return seen;
    if (performance.now() > end) throw new JobFailed(`${name} was not complete after ${timeoutMs / 1000} s`);
    await pause(everyMs, undefined, { signal });
  }
}
