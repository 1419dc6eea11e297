import type { CommandHandle } from '../commands-api.ts';
import { LogEnded, OutputLost, WaitTimeout } from '../errors.ts';
import { type LogMatch, LogSearch } from './log-search.ts';

export type { LogMatch } from './log-search.ts';

export interface WaitForLogOptions {
  /** Default 60,000. */
  readonly timeoutMs?: number;
  /** Default: both, each for itself. */
  readonly stream?: 'stdout' | 'stderr';
  readonly signal?: AbortSignal;
}

/**
 * Waits until a command writes what matches, what it has written already included.
 * Throws `sandbox.log_ended` where it ends without, `sandbox.wait_timeout` where it takes too long.
 */
export async function waitForLog(
  handle: Pick<CommandHandle, 'id' | 'logs'>,
  pattern: string | RegExp,
  options: WaitForLogOptions = {},
): Promise<LogMatch> {
  const { timeoutMs = 60_000, stream } = options;
  const wanted = stream === undefined ? (['stdout', 'stderr'] as const) : [stream];
  const searches = new Map(wanted.map((name) => [name, new LogSearch(pattern)]));
  const last = () => plainEnd([...searches.values()].map((search) => search.last).join(''));
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    for await (const { stream: from, bytes } of keptLogs(handle, signal)) {
      const found = searches.get(from)?.take(bytes);
      if (found !== undefined) return { stream: from, text: found[0] ?? '', groups: found.slice(1) };
    }
  } catch (error) {
    if (!timeout.aborted || options.signal?.aborted === true) throw error;
    const words = last();
    throw new WaitTimeout({
      what: `${plainEnd(String(pattern))} of command ${handle.id}`,
      timeoutMs,
      last: words === '' ? 'it has written nothing' : `its last words: ${words}`,
    });
  }
  throw new LogEnded({ id: handle.id, pattern: plainEnd(String(pattern)), last: last() });
}

/** All that is still kept: what is lost was written too long ago to matter to somebody who waits from now on. */
async function* keptLogs(handle: Pick<CommandHandle, 'logs'>, signal: AbortSignal) {
  const from = { stdout: 0, stderr: 0 };
  for (;;) {
    try {
      for await (const chunk of handle.logs({ from: { ...from }, signal })) {
        from[chunk.stream] = chunk.offset + chunk.bytes.length;
        yield chunk;
      }
      return;
    } catch (error) {
      const lost = error instanceof OutputLost ? error.details : undefined;
      const { stream, to } = lost ?? {};
      if ((stream !== 'stdout' && stream !== 'stderr') || typeof to !== 'number' || to <= from[stream]) throw error;
      from[stream] = to;
    }
  }
}

/** The end of a text on one line, without what a terminal would obey. */
function plainEnd(text: string): string {
  return text
    .slice(-200)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim();
}
