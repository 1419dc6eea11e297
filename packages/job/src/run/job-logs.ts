import { kubeErrors, type Cluster } from '@ephemera/kube';
import { describeRef, EphemeraError, type Job } from '@ephemera/model';
import { containersOf, type SeenContainer } from './follow/containers-of.ts';
import { followJob } from './follow/follow-job.ts';
import { readConnection, type ConnectionOptions, type LogPlace, type LogText } from './follow/log-connection.ts';
import { logCursor, type LogCursor } from './follow/log-cursor.ts';
import type { LogLine } from './follow/pod-logs.ts';
import { batchJob, type JobRef } from './job-ref.ts';
import { listPods } from './pods-of.ts';
import { statusOf } from './status-of.ts';

/** `line` is whatever the container wrote, control characters included, without the end of the line; a line over 1 MiB comes in parts. */
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
 * Reads the logs of a Job's pods. Without `follow` one container after the other, in the order in which the pods were made, each with
 * the run before its last restart where the node has kept it; pods that are gone have taken their logs along. What cannot be read
 * becomes a warning. Throws `kube.not_found` when there is no such Job, and what the cluster said where nothing can be read at all.
 */
export async function jobLogs(cluster: Cluster, ref: JobRef, options: JobLogsOptions): Promise<void> {
  const { follow = false, container, tailLines, signal, onLine, onWarning } = options;
  if (!follow) return readAll(cluster, ref, options);
  let seen = false;
  await followJob(cluster, ref, {
    container,
    tailLines,
    signal,
    explain: false,
    onEvent: (event) => {
      seen = true;
      if (event.type === 'warning') return onWarning?.(event.message);
      if (event.type !== 'log') return;
      const { type: _, ...line } = event;
      return onLine(line);
    },
  });
  if (!seen) throw new kubeErrors.NotFound({ what: describeRef(batchJob(ref)) });
}

async function readAll(cluster: Cluster, ref: JobRef, options: JobLogsOptions): Promise<void> {
  const { container, signal, onWarning } = options;
  const job = await cluster.get<Job>(batchJob(ref), signal);
  if (!job || (ref.uid !== undefined && job.metadata.uid !== ref.uid))
    throw new kubeErrors.NotFound({ what: describeRef(batchJob(ref)) });
  const pods = await listPods(cluster, statusOf(job), signal);
  const madeAt = (pod: { metadata: { creationTimestamp?: string } }): string => pod.metadata.creationTimestamp ?? '';
  const lost: unknown[] = [];
  let read = 0;
  for (const pod of pods.toSorted((a, b) => (madeAt(a) < madeAt(b) ? -1 : 1))) {
    const readable = containersOf(pod).filter(
      ({ name, state }) => state !== 'waiting' && (container === undefined || container === name),
    );
    for (const seen of readable) {
      const { name } = seen;
      const place = { cluster, namespace: ref.namespace, pod: pod.metadata.name, container: name };
      try {
        await readContainer(place, seen, options);
        read += 1;
      } catch (error) {
        signal?.throwIfAborted();
        if (!isOfOnePlace(error)) throw error;
        // The cluster may have removed the pod since it was listed, the node its log, or that node does not answer.
        onWarning?.(`The log of ${name} in Pod ${place.pod} cannot be read: ${error.message}`);
        lost.push(error);
      }
    }
  }
  if (read === 0 && lost.length > 0) throw lost.at(-1);
}

/** Rights and credentials are the same for every pod; a node that does not answer says nothing about the next one. */
function isOfOnePlace(error: unknown): error is EphemeraError {
  return (
    error instanceof EphemeraError &&
    (error.retryable || error.code === 'kube.not_found' || error.code === 'kube.invalid')
  );
}

async function readContainer(place: LogPlace, seen: SeenContainer, logs: JobLogsOptions): Promise<void> {
  const { tailLines, signal, onLine, onWarning } = logs;
  const { pod, container } = place;
  const { run, state, over } = seen;
  const name = `${container} in Pod ${pod}`;
  const options = {
    follow: false,
    signal,
    onLine: (text: LogText) => onLine({ pod, container, ...text }),
    onNotice: (notice: string) => onWarning?.(`The node says about the log of ${name}: ${notice}`),
  };
  const cursor = logCursor();
  if (run > 0 && tailLines === undefined) {
    const isKept = await readPrevious(place, cursor, options);
    // Of one that waits for its next run both logs are that of its last run.
    const before = isKept && (state === 'running' || over) ? 1 : 0;
    if (run > before) onWarning?.(`Earlier runs of ${name} are not shown: a node keeps the last ones only.`);
  }
  await readConnection(place, cursor, { ...options, tailLines });
}

/** False: the node has none. */
async function readPrevious(place: LogPlace, cursor: LogCursor, options: ConnectionOptions): Promise<boolean> {
  try {
    await readConnection(place, cursor, { ...options, previous: true });
    return true;
  } catch (error) {
    if (error instanceof kubeErrors.Invalid || error instanceof kubeErrors.NotFound) return false;
    throw error;
  }
}
