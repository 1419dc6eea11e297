import type { Cluster } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import { prJobErrors, prJobLogs, prJobStatus, type PullRequestPodStatus } from '@ephemera/pull-request-pod';
import type { FastifyBaseLogger } from 'fastify';
import type { ClientStream } from '../event-stream/client-stream.ts';
import { logPosition } from './log-position.ts';
import { prJobErrorAnswer } from './problem.ts';
import { eventText, heartbeatText, type SentEvent } from '../event-stream/sse.ts';

export interface JobOfLog {
  readonly cluster: Cluster;
  readonly jobName: string;
  readonly namespace: string;
  readonly name: string;
  readonly instance: string;
}

export interface FollowOptions {
  readonly job: JobOfLog;
  readonly stream: ClientStream;
  /** As it was just read. */
  readonly status: PullRequestPodStatus;
  readonly tailLines: number | undefined;
  /** The header of a reader that comes back; counts only without `tailLines`, as a tail has no fixed beginning. */
  readonly lastEventId: string | undefined;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
  readonly log: Pick<FastifyBaseLogger, 'error'>;
  /** Default 10 000. The connection's own limit is 30 s without a byte, and many proxies have one of 60 s. */
  readonly heartbeatMs?: number;
  /** Default an hour: whoever wants more comes back, with a token that is looked at again. */
  readonly longestMs?: number;
}

/**
 * Sends what a job writes as events, until it ends: `status` first and whenever it changes, `log`, `warning`, and `end` with the reason:
 * `finished`, `gone` (the Job was removed), `stopping` (the server), `limit` (come back) or `failed`. Never throws.
 */
export async function followLog(options: FollowOptions): Promise<void> {
  const { job, stream, tailLines, stop, heartbeatMs = 10_000, longestMs = 3_600_000 } = options;
  const { cluster, ...ref } = job;
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), longestMs);
  const over = new AbortController();
  const signal = AbortSignal.any([stream.gone, stop, overdue.signal, over.signal]);
  const position = tailLines === undefined ? logPosition(options.lastEventId) : undefined;
  // A client that reads nothing holds up what is sent, and neither the end of the server nor that of the time.
  const send = (event: SentEvent): Promise<void> => stream.write(eventText(event), signal);
  const tell = statusTeller(send);

  let beating: Promise<void> | undefined;
  const beat = async (): Promise<void> => {
    await stream.write(heartbeatText, signal);
    // What the cluster does not say now it says with the next beat; logs have warnings of their own.
    const status = await prJobStatus(cluster, ref, signal).catch(() => undefined);
    if (status && !signal.aborted) await tell(status);
  };
  const beats = setInterval(() => {
    if (stream.isBehind()) return;
    beating ??= beat().finally(() => (beating = undefined));
  }, heartbeatMs);

  try {
    await tell(options.status);
    await prJobLogs(cluster, ref, {
      follow: true,
      tailLines,
      signal,
      onLine: async ({ pod, container, line, continues, at }) => {
        const taken = position?.take({ pod, ...(at && { at }) });
        if (position && !taken) return;
        if (taken?.isAfterGap) await send({ event: 'warning', data: { message: missingBefore(pod) } });
        await send({ event: 'log', data: { pod, container, line, ...(continues && { continues }) }, id: taken?.id });
      },
      onWarning: (message) => void send({ event: 'warning', data: { message } }),
    });
    const last = await prJobStatus(cluster, ref, signal);
    await tell(last);
    await send({ event: 'end', data: { reason: 'finished', status: last.status } });
  } catch (error) {
    if (!signal.aborted && !(error instanceof EphemeraError))
      options.log.error({ err: error }, 'following a log failed');
    await send({ event: 'end', data: endOf(error, { stop, overdue: overdue.signal }) });
  } finally {
    clearTimeout(timer);
    clearInterval(beats);
    over.abort();
    await beating;
    stream.end();
  }
}

function missingBefore(pod: string): string {
  return `Lines of Pod ${pod} are missing here: its node has exchanged the log since, and keeps the newest part only.`;
}

/** Sends a status when it differs from the one before in what people look at. */
function statusTeller(send: (event: SentEvent) => Promise<void>): (status: PullRequestPodStatus) => Promise<void> {
  let told = '';
  return async (status) => {
    const { status: state, active, succeeded, failed, diagnosis } = status;
    const now = JSON.stringify([state, active, succeeded, failed, diagnosis?.code]);
    if (now === told) return;
    told = now;
    await send({ event: 'status', data: status });
  };
}

function endOf(
  error: unknown,
  { stop, overdue }: { readonly stop: AbortSignal; readonly overdue: AbortSignal },
): object {
  if (stop.aborted) return { reason: 'stopping' };
  if (overdue.aborted) return { reason: 'limit' };
  if (error instanceof prJobErrors.PrJobNotFound) return { reason: 'gone' };
  const { error: sentence, code, hint, retryable } = prJobErrorAnswer(error).body;
  return { reason: 'failed', error: sentence, code, hint, retryable };
}
