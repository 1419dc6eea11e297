import { setTimeout as wait } from 'node:timers/promises';
import { EphemeraError } from '@ephemera/model';

const pauseMs = 500;

/** What the cluster says, asked until it does. Throws what no later attempt can change, and the reason of `signal`. */
export async function untilAnswered<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw error;
    }
    await wait(pauseMs, undefined, { signal });
  }
}

export function mayPass(error: unknown): error is EphemeraError {
  return error instanceof EphemeraError && error.retryable;
}
