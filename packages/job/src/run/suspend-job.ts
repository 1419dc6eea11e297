import type { Cluster } from '@ephemera/kube';
import type { Job } from '@ephemera/model';
import { batchJob, jobOwner, type JobRef } from './job-ref.ts';
import { statusOf, type JobStatus } from './status-of.ts';

/** Ends the pods of a KubernetesJob until it is resumed; what has succeeded stays counted. Throws `kube.not_found`, `kube.foreign`. */
export function suspendJob(cluster: Cluster, ref: JobRef, signal?: AbortSignal): Promise<JobStatus> {
  return change(cluster, ref, { suspend: true, signal });
}

/** Lets it go on. Its `activeDeadlineSeconds` begins anew. Throws `kube.not_found`, `kube.foreign`. */
export function resumeJob(cluster: Cluster, ref: JobRef, signal?: AbortSignal): Promise<JobStatus> {
  return change(cluster, ref, { suspend: false, signal });
}

interface Wanted {
  readonly suspend: boolean;
  readonly signal: AbortSignal | undefined;
}

async function change(cluster: Cluster, ref: JobRef, { suspend, signal }: Wanted): Promise<JobStatus> {
  const owned = cluster.as(jobOwner(ref));
  return statusOf(await owned.patch<Job>(batchJob(ref), { uid: ref.uid, merge: { spec: { suspend } } }, signal));
}
