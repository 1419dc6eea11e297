const baseMs = 1_000;
const capMs = 300_000;

/**
 * How long failed work waits before attempt number `attempts + 1`: doubling from a second to five minutes, with half of it random,
 * so that what failed together does not come back together. `random` is in [0, 1).
 */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempts, 20));
  return Math.round(full / 2 + (full / 2) * random);
}
