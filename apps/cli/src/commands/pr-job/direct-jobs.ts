import { followJob } from '@ephemera/job';
import type { Cluster } from '@ephemera/kube';
import type { Job } from '@ephemera/model';
import {
  checkOrder,
  cleanupPrJob,
  createPrJob,
  isJobNameOf,
  prJobErrors,
  prJobLogs,
  prJobStatus,
  prNameSelector,
  type PullRequestPodCleanup,
} from '@ephemera/pull-request-pod';
import { BadInput } from '../../errors.ts';
import { withAdvice } from './advice.ts';
import { CleanupDeadline, PrJobUnknown } from './errors.ts';
import type { CleanupOptions, NameRef, PullRequestJobs } from './pull-request-jobs.ts';

/** Pull-request jobs on a cluster, without a server. Takes the cluster over. */
export function directJobs(cluster: Cluster): PullRequestJobs {
  const jobs: PullRequestJobs = {
    create: async ({ repositoryId, ...options }, signal) => {
      if (repositoryId !== undefined)
        throw new BadInput({ problem: '--repository-id is for a server: set EPHEMERA_URL, or leave it out.' });
      const { uid: _, ...made } = await createPrJob(cluster, checkOrder(options), { signal });
      return made;
    },
    newest: (ref, signal) => newestOn(cluster, ref, signal),
    status: (ref, signal) => prJobStatus(cluster, ref, signal),
    follow: ({ namespace, jobName }, options) => followJob(cluster, { namespace, name: jobName }, options),
    logs: (ref, options) => prJobLogs(cluster, ref, options),
    cleanup: (ref, options) => cleanupOn(cluster, ref, options),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
  return withAdvice(jobs, { by: 'cluster' });
}

/** What is still ending when the time is over may be gone a moment later; what cannot be removed is told as that. */
async function cleanupOn(cluster: Cluster, ref: NameRef, options: CleanupOptions): Promise<PullRequestPodCleanup> {
  const { timeoutMs } = options;
  const beganAt = performance.now();
  try {
    const onWaiting = (waiting: string): void => options.onWaiting(`waiting for ${waiting}`);
    return await cleanupPrJob(cluster, ref, { ...options, onWaiting });
  } catch (error) {
    const isLate = performance.now() - beganAt >= timeoutMs;
    if (!isLate || !(error instanceof prJobErrors.PrJobCleanupIncomplete)) throw error;
    throw new CleanupDeadline({ name: ref.name, timeoutMs, reason: error.message }, { cause: error });
  }
}

/** By the cluster's time: the digits of a name come from its idempotency key where there is one. Its times are whole seconds. */
async function newestOn(cluster: Cluster, { name, namespace }: NameRef, signal: AbortSignal): Promise<string> {
  const labelSelector = prNameSelector(name);
  const { items } = await cluster.list<Job>('batch/v1/Job', { namespace, labelSelector, signal });
  const jobs = items.map(({ metadata }) => metadata).filter((metadata) => isJobNameOf(name, metadata.name));
  const key = ({ creationTimestamp = '', name: jobName }: Job['metadata']): string => `${creationTimestamp} ${jobName}`;
  const newest = jobs.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).at(-1);
  if (newest === undefined) throw new PrJobUnknown({ name, namespace, by: 'cluster' });
  return newest.name;
}
