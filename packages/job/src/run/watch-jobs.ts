import type { Cluster } from '@ephemera/kube';
import type { Job } from '@ephemera/model';
import { statusOf, type JobStatus } from './status-of.ts';

export interface WatchJobsOptions {
  /** Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Ends the watch; nothing else does. */
  readonly signal: AbortSignal;
  /** Each Job once, then whenever its status may have changed. */
  readonly onStatus: (status: JobStatus) => void;
  /** With the last status that was seen. */
  readonly onGone: (status: JobStatus) => void;
  /** The watch broke and begins anew by itself. */
  readonly onError: (error: unknown) => void;
}

/** Follows the status of many Jobs by one watch, until `signal` aborts. */
export async function watchJobs(cluster: Cluster, options: WatchJobsOptions): Promise<void> {
  const { namespace, labelSelector, signal, onStatus, onGone, onError } = options;
  const known = new Map<string, { readonly version: string | undefined; readonly status: JobStatus }>();

  const seen = (job: Job): void => {
    const { uid = '', resourceVersion: version } = job.metadata;
    // A list that is read again brings all Jobs; those that are as they were are no news.
    if (known.get(uid)?.version === version && version !== undefined) return;
    const status = statusOf(job);
    known.set(uid, { version, status });
    onStatus(status);
  };
  const gone = (uid: string): void => {
    const last = known.get(uid);
    if (last === undefined) return;
    known.delete(uid);
    onGone(last.status);
  };

  await cluster.watch<Job>('batch/v1/Job', {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    signal,
    onError,
    onChange: (change) => {
      if (change.type === 'changed') seen(change.object);
      else if (change.type === 'deleted') gone(change.object.metadata.uid ?? '');
      else {
        const present = new Set(change.objects.map(({ metadata }) => metadata.uid));
        for (const uid of known.keys()) if (!present.has(uid)) gone(uid);
        for (const job of change.objects) seen(job);
      }
    },
  });
}
