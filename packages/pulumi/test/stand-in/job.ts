import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '@ephemera/model';
import type { Api } from './api.ts';
import { annotation, type KubernetesObject } from './object.ts';

const everyMs = 200;

/** Why a Job is not what it was made for: it failed, went away, took too long, or nobody waits any more. */
export class JobFailed extends Error {}

export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Waits until the Job is complete, or has the condition that `pulumi.com/waitFor` names. A suspended Job is no exception. */
export async function untilSettled(
  api: Pick<Api, 'get'>,
  job: KubernetesObject,
  { timeoutMs, signal }: Patience,
): Promise<KubernetesObject> {
  const end = performance.now() + timeoutMs;
  const name = `Job ${job.metadata.namespace}/${job.metadata.name}`;
  const wanted = annotation(job, 'waitFor')?.replace(/^condition=/, '') ?? 'Complete';
  for (;;) {
    const seen = await api.get(job);
    if (seen === undefined) throw new JobFailed(`${name} was deleted before it was ${wanted}`);
    const conditions = (seen as unknown as Job).status?.conditions ?? [];
    const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
    if (failed !== undefined) {
      throw new JobFailed(`${name} failed: [${failed.reason ?? 'no reason'}] ${failed.message ?? ''}`);
    }
    if (conditions.some(({ type, status }) => type === wanted && status === 'True')) return seen;
    if (performance.now() > end) throw new JobFailed(`${name} was not ${wanted} after ${timeoutMs / 1000} s`);
    await pause(everyMs, undefined, { signal }).catch(() => {
      // It is there: Pulumi has to keep it in the state.
      throw new JobFailed(`${name} was not ${wanted} when Pulumi was told to stop`);
    });
  }
}
