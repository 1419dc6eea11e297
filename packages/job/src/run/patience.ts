import { setTimeout as wait } from 'node:timers/promises';

/** How long something may take, who ends it early, and who is told meanwhile. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with what is being waited for, when it begins and whenever it changes. */
  readonly onWaiting?: ((waiting: string) => void) | undefined;
}

export interface Pauses {
  /** Waits a moment, longer each time. False: the time is over. Throws when it is ended early. */
  next(waiting: string): Promise<boolean>;
}

const firstMs = 100;
const longestMs = 1_000;

/**
 * Pauses between two looks at the cluster, for things that only a look at all of them proves, such as that nothing is left. A watch
 * tells of one kind at a time, and four of them cost more than a list a second.
 */
export function startPauses({ timeoutMs, signal, onWaiting }: Patience): Pauses {
  const deadlineAt = performance.now() + timeoutMs;
  let pauseMs = firstMs;
  let told: string | undefined;
  return {
    next: async (waiting) => {
      signal?.throwIfAborted();
      const leftMs = deadlineAt - performance.now();
      if (leftMs <= 0) return false;
      if (waiting !== told) onWaiting?.(waiting);
      told = waiting;
      await wait(Math.min(pauseMs, leftMs), undefined, { signal }).catch(() => signal?.throwIfAborted());
      pauseMs = Math.min(pauseMs * 2, longestMs);
      return true;
    },
  };
}
