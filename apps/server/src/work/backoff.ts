import { EphemeraError, messageOf } from '@ephemera/model';
import type { Later } from '../store/work.ts';

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

/** Those that were all asked to wait for the same time do not come back in the same moment. */
const spread = 0.1;

/**
 * When failed work is tried again. What the other side asks for (`retryAfterMs` in the error's details) is kept exactly, never shortened
 * by an event, and is no failed attempt. Pure; `random` is in [0, 1).
 */
export function laterAfter(error: unknown, attempts: number, random: number): Later {
  const asked = error instanceof EphemeraError ? error.details['retryAfterMs'] : undefined;
  const said = { error: messageOf(error) };
  if (typeof asked !== 'number') return { ...said, afterMs: backoffMs(attempts, random) };
  return { ...said, asked: true, afterMs: Math.ceil(Math.max(baseMs / 2, asked) * (1 + spread * random)) };
}
