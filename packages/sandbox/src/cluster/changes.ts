/** Wakes whoever waits for the next change. */
export interface Changes {
  tell(): void;
  /** Until the next change, at most for so long. Throws the reason of `signal`. */
  next(mostMs: number, signal: AbortSignal): Promise<void>;
}

export function changes(): Changes {
  const waiting = new Set<() => void>();
  return {
    tell: () => {
      for (const wake of waiting) wake();
    },
    next: async (mostMs, signal) => {
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      const timer = setTimeout(wake, mostMs);
      waiting.add(wake);
      signal.addEventListener('abort', wake);
      try {
        await promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
      }
      signal.throwIfAborted();
    },
  };
}
