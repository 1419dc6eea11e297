const firstMs = 100;

/**
 * How long to wait before the next attempt after so many that came to nothing: exponential with full jitter, so that a thousand handles do not come
 * back at the same moment. `random` is in [0, 1).
 */
export function backoffMs(failures: number, mostMs: number, random: number): number {
  return Math.ceil(Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30)) * random);
}
