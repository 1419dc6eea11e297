import { kubeErrors, type Cluster } from '@ephemera/kube';
import { EphemeraError, messageOf } from '@ephemera/model';
import type { Bell } from './bell.ts';
import type { SeenContainer } from './containers-of.ts';
import { logCursor, type LogCursor } from './log-cursor.ts';
import type { LogQueue } from './log-queue.ts';

export interface LogSource {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
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
  readonly onLine: (line: string) => Promise<void>;
  readonly onWarning: (message: string) => void;
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
 * pod is gone. Never throws but for `signal` and for what `onLine` throws; what cannot be read becomes a warning.
 */
export async function readLog(source: LogSource): Promise<void> {
  const reading: Reading = { cursor: logCursor(), done: 0 };
  let failures = 0;
  for (;;) {
    const seen = source.seen();
    const nothingNew = !seen || seen.state === 'waiting' || seen.run < reading.done;
    if (nothingNew) {
      if (!seen || seen.over || source.ending()) return;
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
          source.onWarning(
            `The rest of the log of ${source.container} in Pod ${source.pod} is lost: ${messageOf(error)}`,
          );
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
}

/** Reads as far as there is something, or until the turn is over. */
async function readTurn(source: LogSource, reading: Reading, over: AbortSignal): Promise<void> {
  const seen = source.seen();
  if (!seen) throw new kubeErrors.NotFound({ what: `Pod ${source.pod} in ${source.namespace}` });
  // It was started again before anybody read it, or while a connection was broken: what it wrote before stands in a log of its own.
  if (seen.run > reading.done) {
    const there = await readPrevious(source, reading);
    if (!there && reading.cursor.sinceTime === undefined)
      source.onWarning(`An earlier log of ${nameOf(source)} is lost.`);
    reading.done = seen.run;
  }
  // The node may have started it once more since it was seen, and the current log is then that of the next run. Only when that log is
  // open, it is certain that what stands in the other one came before.
  const before = async (): Promise<void> => void (seen.restarts && (await readPrevious(source, reading)));
  if (seen.state === 'running') {
    await followWhileItRuns(source, reading, { run: seen.run, over, before });
    if (over.aborted) return;
    if (!hasEnded(source, seen.run)) return source.news.next({ signal: source.signal, timeoutMs: statusDelayMs });
    // The cluster says nothing when it ends a stream early. One more look, which brings nothing where all was read.
    if (source.seen()?.run !== seen.run) return;
  }
  await readOnce(source, reading, { follow: false, before });
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
async function readPrevious(source: LogSource, reading: Reading): Promise<boolean> {
  try {
    await readOnce(source, reading, { follow: false, previous: true });
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
    const onLine = (): void => void (lastLineAt = performance.now());
    await readOnce(source, reading, { follow: true, stop: AbortSignal.any([stale.signal, over]), onLine, before });
  } finally {
    finished.abort();
    await guarding;
  }
}

interface ReadOptions {
  readonly follow: boolean;
  readonly previous?: boolean;
  readonly stop?: AbortSignal;
  readonly onLine?: () => void;
  /** Called when the first line is there, before it is taken. */
  readonly before?: () => Promise<void>;
}

/** One connection. Ends without an error when it is stopped. */
async function readOnce(source: LogSource, { cursor }: Reading, options: ReadOptions): Promise<void> {
  const { cluster, namespace, pod, container, tailLines, signal, onLine, onWarning } = source;
  const { follow, previous = false, stop } = options;
  const { sinceTime } = cursor;
  const lines = cluster.logs({
    namespace,
    pod,
    container,
    follow,
    previous,
    timestamps: true,
    ...(sinceTime !== undefined && { sinceTime }),
    ...(sinceTime === undefined && tailLines !== undefined && { tailLines }),
    signal: stop ? AbortSignal.any([signal, stop]) : signal,
  });
  let begun = false;
  try {
    for await (const line of lines) {
      if (!begun) {
        await options.before?.();
        cursor.begin();
      }
      begun = true;
      options.onLine?.();
      const taken = cursor.take(line);
      if (taken?.type === 'line') await onLine(taken.text);
      if (taken?.type === 'notice') onWarning(`The node says about the log of ${nameOf(source)}: ${taken.text}`);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (stop?.aborted) return;
    throw error;
  }
}
