import { setTimeout as after } from 'node:timers/promises';
import type { JobLogLine } from '@ephemera/job';
import { messageOf, type EphemeraError } from '@ephemera/model';
import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';
import { ServerRefused, ServerUnreachable } from '../../../errors.ts';
import type { JobOfName } from '../pull-request-jobs.ts';
import { eventsOf } from './event-stream.ts';
import { logEventOf, type StreamEnd } from './log-event.ts';
import { logPath } from './log-path.ts';
import { longestPauseMs, mayPass, patienceMs, shortestPauseMs } from './patience.ts';
import type { Place } from './place.ts';
import { ServerFailed } from './refusal.ts';

export interface StreamOptions {
  /** Only the last so many lines of what was written before. Undefined: all. */
  readonly tailLines: number | undefined;
  readonly signal: AbortSignal;
  readonly onLine: (line: JobLogLine) => void;
  readonly onWarning: (message: string) => void;
  /** At first, and when it changes. */
  readonly onStatus: (status: PullRequestPodStatus) => void;
  /** Whatever comes, at least every ten seconds. */
  readonly onSign: () => void;
}

/** The server sends something every ten seconds: after so long its connection is a dead one. */
const silenceMs = 45_000;

/**
 * Follows the log of a job until the server says that the job has ended, or is gone. Connections that break are made anew and go on where
 * they broke; a server that is away for less than two minutes is waited for. Throws what keeps the log from being read at all.
 */
export async function followStream(place: Place, ref: JobOfName, options: StreamOptions): Promise<'finished' | 'gone'> {
  const { signal } = options;
  const reading: Reading = { lastId: undefined, wasOpen: false, signAt: performance.now() };
  for (let tries = 0; ; tries += 1) {
    const openedAt = reading.signAt;
    const { end, problem } = await attempt(place, ref, { options, reading });
    if (end?.reason === 'gone') return 'gone';
    if (end?.reason === 'finished' && end.status !== 'Running' && end.status !== 'Pending') return 'finished';
    if (end?.reason === 'failed' && end.retryable !== true) throw failureOf(place, end);
    if (reading.signAt !== openedAt) tries = 0;
    if (end?.reason !== 'limit') options.onWarning(warningOf(options, reading, end?.error ?? problem));
    const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** tries);
    await after(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

interface Attempt {
  readonly end?: StreamEnd | undefined;
  readonly problem: string;
}

/** One connection to its end. Throws what no further one would change. */
async function attempt(
  place: Place,
  ref: JobOfName,
  following: { readonly options: StreamOptions; readonly reading: Reading },
): Promise<Attempt> {
  const { options, reading } = following;
  try {
    return { end: await readOnce(place, ref, following), problem: 'the connection was closed' };
  } catch (error) {
    options.signal.throwIfAborted();
    if (reading.wasOpen && error instanceof ServerRefused && error.details['status'] === 404)
      return { end: { reason: 'gone' }, problem: error.message };
    if (!mayPass(error) || performance.now() - reading.signAt > patienceMs) throw error;
    return { problem: error.message };
  }
}

function warningOf({ tailLines }: StreamOptions, { wasOpen }: Reading, problem: string): string {
  return tailLines === undefined || !wasOpen
    ? `The log goes on when the server answers again: ${problem}`
    : `The log broke off, and what was written until the server answers again is missing: ${problem}`;
}

interface Reading {
  /** Of the last event, for the next connection. */
  lastId: string | undefined;
  wasOpen: boolean;
  signAt: number;
}

/** One connection. Undefined: it ended without a word. */
async function readOnce(
  { api, clusterName }: Place,
  ref: JobOfName,
  { options, reading }: { readonly options: StreamOptions; readonly reading: Reading },
): Promise<StreamEnd | undefined> {
  const { signal, onLine, onWarning, onStatus, onSign } = options;
  // The end of a log has no fixed place to come back to: what comes from now on is all that can be asked for.
  const tailLines = options.tailLines !== undefined && reading.wasOpen ? 0 : options.tailLines;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
  const body = await api.stream({
    path: logPath({ ...ref, clusterName, tailLines, follow: true }),
    headers: { accept: 'text/event-stream', ...(reading.lastId !== undefined && { 'last-event-id': reading.lastId }) },
    signal: AbortSignal.any([signal, silence.signal]),
  });
  reading.wasOpen = true;
  const sign = (): void => {
    timer.refresh();
    reading.signAt = performance.now();
    onSign();
  };
  try {
    for await (const event of eventsOf(body, sign)) {
      if (event.id !== undefined) reading.lastId = event.id;
      const known = logEventOf(event);
      if (known?.type === 'end') return known.end;
      if (known?.type === 'log') onLine(known.line);
      if (known?.type === 'status') onStatus(known.status);
      if (known?.type === 'warning') onWarning(known.message);
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const problem = messageOf(silence.signal.aborted ? silence.signal.reason : error);
    throw new ServerUnreachable({ url: api.url, problem }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function failureOf({ api }: Place, { error = 'The log cannot be read.', code, hint }: StreamEnd): EphemeraError {
  return new ServerFailed({ url: api.url, status: 200, reason: error, hint, serverCode: code });
}
