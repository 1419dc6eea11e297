import { kubeErrors } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import type { Bell } from './bell.ts';
import type { SeenContainer } from './containers-of.ts';
import { readConnection, type ConnectionOptions, type LogPlace, type LogText } from './log-connection.ts';
import { logCursor, type LogCursor } from './log-cursor.ts';
import type { LogQueue } from './log-queue.ts';

export interface LogSource extends LogPlace {
  /** Only the last so many lines of what was written before. */
  readonly tailLines?: number | undefined;
  readonly queue: LogQueue;
  readonly signal: AbortSignal;
  /** The container as the cluster told it last; undefined when its pod is gone. */
  readonly seen: () => SeenContainer | undefined;
  /** True: nothing starts any more; what has not run by now is not waited for. */
  readonly ending: () => boolean;
  /** Rings whenever one of these two may say something else. */
  readonly news: Bell;
  readonly onLine: (text: LogText) => Promise<void>;
  /** Called with what could not be read. */
  readonly onLost: (message: string) => void;
  /** After its container has ended, a silent stream is waited for so long before it is taken for dead. Default 5000 ms. */
  readonly lastWordsMs?: number;
}

const defaultLastWordsMs = 5_000;
/** The pod's status comes by another way than the end of its log, a moment earlier or later. */
const statusDelayMs = 1_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * Reads everything that one container writes, over its restarts and over connections that break, each line once, until it is over or its
 * pod is gone. Never throws but for `signal` and for what `onLine` throws; what cannot be read goes to `onLost`.
 */
export async function readLog(source: LogSource): Promise<void> {
  const reading: Reading = { cursor: logCursor(), done: 0, heard: -1, notice: undefined };
  let failures = 0;
  for (;;) {
    const seen = source.seen();
    const nothingNew = !seen || seen.state === 'waiting' || seen.run < reading.done;
    if (nothingNew) {
      if (!seen || seen.over || source.ending()) return tellNotice(source, reading, Infinity);
      await source.news.next({ signal: source.signal });
      continue;
    }
    try {
      using turn = await source.queue.turn({ live: seen.state === 'running', signal: source.signal });
      await readTurn(source, reading, turn.over);
      failures = 0;
    } catch (error) {
      source.signal.throwIfAborted();
      if (!(error instanceof EphemeraError)) throw error;
      if (!mayPass(error)) {
        // A pod that is gone takes its log along; with all of it read before, nobody has lost anything.
        const missed = !(error instanceof kubeErrors.NotFound) || seen.run >= reading.done;
        if (missed)
          source.onLost(`The rest of the log of ${source.container} in Pod ${source.pod} is lost: ${messageOf(error)}`);
        return;
      }
      failures += 1;
      const timeoutMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
      await source.news.next({ signal: source.signal, timeoutMs });
    }
  }
}

/** `kube.invalid` is how a node says that it has not got so far: the container is only just being made. */
function mayPass(error: EphemeraError): boolean {
  return error.retryable || error instanceof kubeErrors.Invalid;
}

interface Reading {
  readonly cursor: LogCursor;
  /** How many runs are read to their end. */
  done: number;
  /** The last run of which anything was taken. */
  heard: number;
  /** What the node said in place of the log of a run of which nothing was taken so far. */
  notice: { readonly run: number; readonly text: string } | undefined;
}

/** Reads as far as there is something, or until the turn is over. */
async function readTurn(source: LogSource, reading: Reading, over: AbortSignal): Promise<void> {
  const seen = source.seen();
  if (!seen) throw new kubeErrors.NotFound({ what: `Pod ${source.pod} in ${source.namespace}` });
  // It was started again before anybody read it, or while a connection was broken: what it wrote before stands in a log of its own.
  if (seen.run > reading.done) {
    const there = await readPrevious(source, reading, seen.run);
    if (!there && reading.cursor.sinceTime === undefined) source.onLost(`An earlier log of ${nameOf(source)} is lost.`);
    reading.done = seen.run;
    tellNotice(source, reading, seen.run);
  }
  // The node may have started it once more since it was seen, and the current log is then that of the next run. Only when that log is
  // open, it is certain that what stands in the other one came before.
  const before = async (): Promise<void> => {
    if (seen.restarts) await readPrevious(source, reading, seen.run);
    tellNotice(source, reading, seen.run);
  };
  if (seen.state === 'running') {
    await followWhileItRuns(source, reading, { run: seen.run, over, before });
    if (over.aborted) return;
    if (!hasEnded(source, seen.run)) return source.news.next({ signal: source.signal, timeoutMs: statusDelayMs });
    // The cluster says nothing when it ends a stream early. One more look, which brings nothing where all was read.
    if (source.seen()?.run !== seen.run) return;
  }
  await readOnce(source, reading, { run: seen.run, follow: false, before });
  // It was read to its end if it was the current run before and after.
  const still = source.seen();
  if (!still || still.run === seen.run) reading.done = seen.run + 1;
}

function nameOf({ container, pod }: LogSource): string {
  return `${container} in Pod ${pod}`;
}

function hasEnded(source: LogSource, run: number): boolean {
  const seen = source.seen();
  return !seen || seen.run !== run || seen.state === 'ended' || seen.over;
}

/** False: the node has none. It keeps one run that has ended at most: the last but one is lost when the last one ends. */
async function readPrevious(source: LogSource, reading: Reading, run: number): Promise<boolean> {
  try {
    await readOnce(source, reading, { run: run - 1, follow: false, previous: true });
    return true;
  } catch (error) {
    if (error instanceof kubeErrors.Invalid || error instanceof kubeErrors.NotFound) return false;
    throw error;
  }
}

/** Ends also when the container has ended and its stream does not notice. */
async function followWhileItRuns(
  source: LogSource,
  reading: Reading,
  { run, over, before }: { readonly run: number; readonly over: AbortSignal; readonly before: () => Promise<void> },
): Promise<void> {
  const { lastWordsMs = defaultLastWordsMs } = source;
  const stale = new AbortController();
  const finished = new AbortController();
  let lastLineAt = performance.now();
  const guard = async (): Promise<void> => {
    const signal = AbortSignal.any([source.signal, finished.signal]);
    while (!hasEnded(source, run)) await source.news.next({ signal });
    const endedAt = performance.now();
    for (;;) {
      const leftMs = Math.max(endedAt, lastLineAt) + lastWordsMs - performance.now();
      if (leftMs <= 0) return stale.abort();
      await source.news.next({ signal, timeoutMs: leftMs });
    }
  };
  const guarding = guard().catch(() => {});
  try {
    const onAlive = (): void => void (lastLineAt = performance.now());
    const stop = AbortSignal.any([stale.signal, over]);
    await readOnce(source, reading, { run, follow: true, stop, onAlive, before });
  } finally {
    finished.abort();
    await guarding;
  }
}

interface ReadOptions extends Pick<ConnectionOptions, 'follow' | 'previous' | 'stop' | 'before' | 'onAlive'> {
  /** Which run's log this should be; at a restart it may be that of the next one already. */
  readonly run: number;
}

/** One connection. Ends without an error when it is stopped. */
async function readOnce(source: LogSource, reading: Reading, { run, ...options }: ReadOptions): Promise<void> {
  const { tailLines, signal, onLine } = source;
  await readConnection(source, reading.cursor, {
    ...options,
    tailLines,
    signal,
    onLine: (text) => {
      reading.heard = Math.max(reading.heard, run);
      if (reading.notice?.run === run) reading.notice = undefined;
      return onLine(text);
    },
    // While its container is started again, a log comes and goes: mostly it was read before, or is read a moment later in another way.
    onNotice: (text) => {
      if (run > reading.heard && run >= reading.done) reading.notice = { run, text };
    },
  });
}

/** What the node said in place of the log of an earlier run was its last word. */
function tellNotice(source: LogSource, reading: Reading, before: number): void {
  const { notice } = reading;
  if (notice === undefined || notice.run >= before) return;
  reading.notice = undefined;
  source.onLost(`The node says about the log of ${nameOf(source)}: ${notice.text}`);
}
