import { explainedStatus } from '@ephemera/job';
import type { Cluster } from '@ephemera/kube';
import type { PullRequestPodStatus } from '../pull-request-pod.ts';
import { nameOf, prJobOf, type PrJobRef } from './pr-job-of.ts';

/**
 * How far a job is and, where its pod does not start or has failed, why. By the conditions' types, whatever their order.
 * Throws `pr_job.not_found`.
 */
export async function prJobStatus(
  cluster: Cluster,
  ref: PrJobRef,
  signal?: AbortSignal,
): Promise<PullRequestPodStatus> {
  const job = await prJobOf(cluster, ref, signal);
  const { jobName, namespace } = ref;
  const found = await explainedStatus(cluster, job, signal);
  const { state, succeeded, failed, active, conditions, startTime, completionTime, diagnosis } = found;
  return {
    jobName,
    namespace,
    name: nameOf(job),
    status: state,
    succeeded,
    failed,
    active,
    conditions,
    startTime,
    completionTime,
    diagnosis,
  };
}
