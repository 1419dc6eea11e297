import { kubeErrors, type Cluster } from '@ephemera/kube';
import { describeRef, type Job } from '@ephemera/model';
import { containersOf } from './follow/containers-of.ts';
import { followJob } from './follow/follow-job.ts';
import type { LogLine } from './follow/pod-logs.ts';
import { batchJob, type JobRef } from './job-ref.ts';
import { listPods } from './pods-of.ts';
import { statusOf } from './status-of.ts';

/** `line` is whatever the container wrote, control characters included, without the end of the line. */
export type JobLogLine = LogLine;

export interface JobLogsOptions {
  /** Goes on until the Job ends. Default false. */
  readonly follow?: boolean;
  /** Only containers of this name. Default: all, init containers first. */
  readonly container?: string | undefined;
  /** Only the last so many lines of each container. */
  readonly tailLines?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A promise that is returned holds the next line back. */
  readonly onLine: (line: JobLogLine) => void | Promise<void>;
  /** Something is missing or late; reading goes on. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Reads the logs of a Job's pods. Without `follow` one container after the other, in the order in which the pods were made; pods that
 * are gone have taken their logs along. Throws `kube.not_found` when there is no such Job.
 */
export async function jobLogs(cluster: Cluster, ref: JobRef, options: JobLogsOptions): Promise<void> {
  const { follow = false, container, tailLines, signal, onLine, onWarning } = options;
  if (!follow) return readAll(cluster, ref, options);
  await followJob(cluster, ref, {
    container,
    tailLines,
    signal,
    explain: false,
    onEvent: (event) => {
      if (event.type === 'log') return onLine({ pod: event.pod, container: event.container, line: event.line });
      if (event.type === 'warning') onWarning?.(event.message);
    },
  });
}

async function readAll(cluster: Cluster, ref: JobRef, options: JobLogsOptions): Promise<void> {
  const { container, tailLines, signal, onLine, onWarning } = options;
  const job = await cluster.get<Job>(batchJob(ref), signal);
  if (!job || (ref.uid !== undefined && job.metadata.uid !== ref.uid))
    throw new kubeErrors.NotFound({ what: describeRef(batchJob(ref)) });
  const pods = await listPods(cluster, statusOf(job), signal);
  const madeAt = (pod: { metadata: { creationTimestamp?: string } }): string => pod.metadata.creationTimestamp ?? '';
  for (const pod of pods.toSorted((a, b) => (madeAt(a) < madeAt(b) ? -1 : 1))) {
    const readable = containersOf(pod).filter(
      ({ name, state }) => state !== 'waiting' && (container === undefined || container === name),
    );
    for (const { name } of readable) {
      const where = { namespace: ref.namespace, pod: pod.metadata.name, container: name };
      try {
        for await (const line of cluster.logs({ ...where, ...(tailLines !== undefined && { tailLines }), signal }))
          await onLine({ pod: where.pod, container: name, line });
      } catch (error) {
        // Since the list, the cluster may have removed the pod, or the node the log.
        if (!(error instanceof kubeErrors.NotFound) && !(error instanceof kubeErrors.Invalid)) throw error;
        onWarning?.(`The log of ${name} in Pod ${where.pod} is lost: ${error.message}`);
      }
    }
  }
}
