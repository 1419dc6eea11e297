import { jobLogs, type JobLogsOptions } from '@ephemera/job';
import { kubeErrors, type Cluster } from '@ephemera/kube';
import { notFound, prJobOf, type PrJobRef } from './pr-job-of.ts';

export type PrJobLogsOptions = Omit<JobLogsOptions, 'container'>;

/**
 * Reads the logs of a job's pods, one after the other, or all of them live. Lines are whatever the container wrote, control characters
 * included. Throws `pr_job.not_found`, and what the cluster said where nothing can be read at all.
 */
export async function prJobLogs(cluster: Cluster, ref: PrJobRef, options: PrJobLogsOptions): Promise<void> {
  const job = await prJobOf(cluster, ref, options.signal);
  const { jobName, namespace } = ref;
  try {
    await jobLogs(cluster, { namespace, name: jobName, uid: job.metadata.uid }, options);
  } catch (error) {
    // Removed since, perhaps by its own TTL.
    throw error instanceof kubeErrors.NotFound ? notFound(ref) : error;
  }
}
