import type { World } from './state.ts';

const hourMs = 3_600_000;
const limit = 15_000;

/**
 * What the rate limit's headers and endpoint say. The fake announces the largest limit that GitHub gives and never comes
 * near it: running out is a fault, and faults are asked for, not met by chance in a long test.
 */
export function rateOf(world: World) {
  const now = world.now().getTime();
  return { limit, used: 1, remaining: limit - 1, reset: Math.floor(now / hourMs + 1) * (hourMs / 1000) };
}
