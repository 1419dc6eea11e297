const baseMs = 100;
const capMs = 5_000;
/** No API server asks for more in earnest, and timers above 24 days fire at once. */
const longestRetryAfterMs = 3_600_000;

/**
 * How long to wait before attempt number `attempt` (the first repeat is 1): exponential with full jitter,
 * but never sooner than the server asked for by `Retry-After`. `random` is in [0, 1).
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  const jittered = Math.ceil(Math.min(capMs, baseMs * 2 ** (attempt - 1)) * random);
  return Math.max(jittered, retryAfterMs ?? 0);
}

/** `Retry-After` in seconds or as a date → milliseconds from `now`, at most an hour; undefined when absent or senseless. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now.getTime();
  return Number.isFinite(ms) ? Math.min(longestRetryAfterMs, Math.max(0, ms)) : undefined;
}
