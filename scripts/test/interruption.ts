import type { Reporter, Vitest } from 'vitest/node';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Lets the run decide what an interruption does. Vitest would end the process a millisecond after a signal, before the cluster is
 * down; it installs those handlers before it tells its reporters that it is there.
 */
export function interruptibleBy(interruption: AbortSignal): Reporter {
  const ours = new Set<unknown>(SIGNALS.flatMap((signal) => process.listeners(signal)));
  return {
    onInit: (vitest: Vitest) => {
      for (const signal of SIGNALS) {
        for (const listener of process.listeners(signal)) {
          if (!ours.has(listener)) process.removeListener(signal, listener);
        }
      }
      interruption.addEventListener('abort', () => void vitest.close());
    },
  };
}
