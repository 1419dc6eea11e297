import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface Keep {
  readonly isAlive: () => boolean;
  readonly restart: () => Promise<void>;
  readonly log: Logger;
}

const lookEveryMs = 500;
const longestPauseMs = 30_000;

/**
 * Looks after the database for as long as the server runs: one that has ended, by the out-of-memory killer or a `kill -9`, is started
 * again. Rejected: ending the server with it. Whatever restarts the server would do the same later, and webhooks would be refused by
 * nobody instead of with 503.
 */
export function keepRunning({ isAlive, restart, log }: Keep): AsyncDisposable {
  const stopping = new AbortController();
  const pause = (ms: number) => wait(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => {});

  const loop = async (): Promise<void> => {
    let failures = 0;
    for (;;) {
      await pause(Math.min(lookEveryMs * 2 ** failures, longestPauseMs));
      if (stopping.signal.aborted) return;
      if (isAlive()) continue;
      log.error('the embedded PostgreSQL has ended and is started again');
      try {
        await restart();
        failures = 0;
        log.info('the embedded PostgreSQL runs again');
      } catch (error) {
        failures += 1;
        log.error({ err: error }, 'the embedded PostgreSQL cannot be started; it is tried again');
      }
    }
  };
  const looking = loop();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await looking;
    },
  };
}
