import { explainEnd, explainPods, type Cluster } from '@ephemera/kube';
import type { Job } from '@ephemera/model';
import { batchJob, type JobRef } from './job-ref.ts';
import { listPods } from './pods-of.ts';
import { statusOf, type JobStatus } from './status-of.ts';

/** How far a Job is and, where it does not get on or has failed, why. Undefined: there is none, or with `uid` it is another one. */
export async function jobStatus(cluster: Cluster, ref: JobRef, signal?: AbortSignal): Promise<JobStatus | undefined> {
  const job = await cluster.get<Job>(batchJob(ref), signal);
  if (!job || (ref.uid !== undefined && job.metadata.uid !== ref.uid)) return undefined;
  return explainedStatus(cluster, job, signal);
}

/** The same of a Job that was just read. */
export async function explainedStatus(cluster: Cluster, job: Job, signal?: AbortSignal): Promise<JobStatus> {
  const status = statusOf(job);
  if (status.state === 'Complete' || status.state === 'Suspended') return status;
  const pods = await listPods(cluster, status, signal);
  if (status.state === 'Failed') {
    const end = explainEnd(job, pods);
    return { ...status, ...(end && { end }), ...(end?.diagnosis && { diagnosis: end.diagnosis }) };
  }
  const diagnosis = await explainPods(cluster, { namespace: status.namespace, job, pods }, signal);
  return { ...status, ...(diagnosis && { diagnosis }) };
}
