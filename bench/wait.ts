import { setTimeout as sleep } from 'node:timers/promises';

export interface Waiting<Value> {
  /** For the error when the time is over. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly look: () => Promise<Value>;
  readonly until: (value: Value) => boolean;
  /** Gets what was seen, about every two seconds. */
  readonly progress?: (value: Value, ms: number) => void;
}

const tellEveryMs = 2_000;

/** Looks again and again until something holds. Throws when it has not come true in time, with what was seen last. */
export async function waitFor<Value>(waiting: Waiting<Value>): Promise<Value> {
  const { what, timeoutMs, everyMs, signal, look, until, progress } = waiting;
  const startedAt = performance.now();
  let toldAt = startedAt;
  for (;;) {
    signal.throwIfAborted();
    const value = await look();
    if (until(value)) return value;
    const now = performance.now();
    if (now - startedAt > timeoutMs) {
      throw new Error(
        `${what}: not within ${Math.round(timeoutMs / 1000)} s; the last that was seen is ${JSON.stringify(value)}`,
      );
    }
    if (now - toldAt > tellEveryMs) {
      progress?.(value, now - startedAt);
      toldAt = now;
    }
    await sleep(everyMs, undefined, { signal });
  }
}
