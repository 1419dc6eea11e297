import type { Slots } from '../callers/limits.ts';
import { TooOften } from './errors.ts';

const triedAgainSeconds = 5;

/** A place among those that one account, and all together, may take. Throws `sandbox.too_many_requests`, which begins with `what`. */
export function slotFor(slots: Slots, account: string, what: string): Disposable {
  const slot = slots.take(account);
  if (slot) return slot;
  throw new TooOften({ what, retryAfterSeconds: triedAgainSeconds });
}
