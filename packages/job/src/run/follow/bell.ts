/** Wakes whoever waits for news. */
export interface Bell {
  ring(): void;
  /** Until the next ring, or for so long. Throws when `signal` aborts. */
  next(options: { readonly signal: AbortSignal; readonly timeoutMs?: number | undefined }): Promise<void>;
}

export function bell(): Bell {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => {
      rung.resolve();
      rung = Promise.withResolvers();
    },
    next: async ({ signal, timeoutMs }) => {
      signal.throwIfAborted();
      const awake = Promise.withResolvers<void>();
      const stop = (): void => awake.resolve();
      const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
      signal.addEventListener('abort', stop);
      try {
        await Promise.race([rung.promise, awake.promise]);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
      signal.throwIfAborted();
    },
  };
}
