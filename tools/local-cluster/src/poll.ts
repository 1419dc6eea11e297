import { setTimeout as pause } from 'node:timers/promises';

export interface PollOptions {
  readonly deadlineMs: number;
  readonly everyMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks until the answer is yes. False when the deadline came first. */
export async function poll(
  holds: () => Promise<boolean>,
  { deadlineMs, everyMs, signal }: PollOptions,
): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) return false;
    await pause(everyMs, undefined, { signal });
  }
  return true;
}
