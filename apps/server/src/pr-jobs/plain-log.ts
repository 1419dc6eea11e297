import { prJobLogs, type PullRequestPodStatus } from '@ephemera/pull-request-pod';
import type { ClientStream } from '../event-stream/client-stream.ts';
import type { JobOfLog } from './follow-log.ts';
import { prJobErrorAnswer } from './problem.ts';

export interface PlainLogOptions {
  readonly job: JobOfLog;
  readonly status: PullRequestPodStatus;
  readonly tailLines: number | undefined;
  readonly stream: ClientStream;
  /** Called once, when the first text is there: until then nothing has been answered. */
  readonly begin: () => void;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
}

/** Before the lines that are not the job's own. */
const ours = '[ephemera] ';

/**
 * Writes what a job has written until now, as it is. What cannot be read stands in lines of ours, and so does that there is nothing, so
 * that an empty answer is never one that failed. Throws what reading throws before anything was written; after that it breaks off. Ends
 * without a word when the client goes.
 */
export async function writePlainLog({ job, status, tailLines, stream, begin, stop }: PlainLogOptions): Promise<void> {
  const { cluster, ...ref } = job;
  let hasBegun = false;
  const write = async (text: string): Promise<void> => {
    if (!hasBegun) begin();
    hasBegun = true;
    await stream.write(text, stop);
  };
  try {
    const warnings: string[] = [];
    await prJobLogs(cluster, ref, {
      tailLines,
      signal: AbortSignal.any([stop, stream.gone]),
      onLine: ({ line, continues }) => write(continues ? line : `${line}\n`),
      onWarning: (message) => void warnings.push(message),
    });
    for (const message of warnings) await write(`${ours}${message}\n`);
    if (!hasBegun) await write(`${ours}There is no output; the job is ${status.status}.\n`);
    stream.end();
  } catch (error) {
    if (stream.gone.aborted) return;
    if (!hasBegun) throw error;
    stream.breakOff(`\n${ours}Reading the log broke off: ${prJobErrorAnswer(error).body.error}\n`);
  }
}
