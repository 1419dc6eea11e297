import { prJobLogs, type PullRequestPodStatus } from '@ephemera/pull-request-pod';
import type { ClientStream } from './client-stream.ts';
import type { JobOfLog } from './follow-log.ts';
import { prJobErrorAnswer } from './problem.ts';

export interface PlainLogOptions {
  readonly job: JobOfLog;
  readonly status: PullRequestPodStatus;
  readonly tailLines: number | undefined;
  /** Called once, when the first text is there: until then nothing has been answered. */
  readonly begin: () => ClientStream;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
}

/** Before the lines that are not the job's own. */
const ours = '[ephemera] ';

/**
 * Writes what a job has written until now, as it is. What cannot be read stands in lines of ours, and so does that there is nothing, so
 * that an empty answer is never one that failed. Throws what reading throws before anything was written; after that it breaks off.
 */
export async function writePlainLog({ job, status, tailLines, begin, stop }: PlainLogOptions): Promise<void> {
  const { cluster, ...ref } = job;
  const left = new AbortController();
  let stream: ClientStream | undefined;
  const write = async (text: string): Promise<void> => {
    if (!stream) {
      stream = begin();
      stream.gone.addEventListener('abort', () => left.abort(stream?.gone.reason));
    }
    await stream.write(text);
  };
  try {
    const warnings: string[] = [];
    await prJobLogs(cluster, ref, {
      tailLines,
      signal: AbortSignal.any([stop, left.signal]),
      onLine: ({ line, continues }) => write(continues ? line : `${line}\n`),
      onWarning: (message) => void warnings.push(message),
    });
    for (const message of warnings) await write(`${ours}${message}\n`);
    if (!stream) await write(`${ours}There is no output; the job is ${status.status}.\n`);
    stream?.end();
  } catch (error) {
    if (!stream) throw error;
    stream.breakOff(`\n${ours}Reading the log broke off: ${prJobErrorAnswer(error).body.error}\n`);
  }
}
