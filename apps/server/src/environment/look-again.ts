const soonestLookMs = 2_000;
const latestLookMs = 60_000;

/**
 * When to look again at something that takes as long as it takes, and has taken `ageMs` so far: the longer, the less often, up to a
 * minute, and never sooner than `soonestMs`. The watch on our namespaces ends most waits; this is what remains when it says nothing. Pure.
 */
export function lookAgainAfterMs(ageMs: number, soonestMs: number = soonestLookMs): number {
  return Math.min(latestLookMs, Math.max(soonestMs, ageMs / 5));
}

/** ` for 3 min`, to be put behind what goes on; nothing for less than a minute, so that the sentence changes once a minute. Pure. */
export function forMinutes(ageMs: number): string {
  const minutes = Math.floor(ageMs / 60_000);
  return minutes >= 1 ? ` for ${minutes} min` : '';
}
