import { createLimiter, createSlots } from '../callers/limits.ts';

export interface Asking {
  /** GitHub's id of the account that the repository belongs to. */
  readonly ownerId: number;
  /** Whether the App is known to be installed at that account. */
  readonly isKnown: boolean;
}

/** The right to ask GitHub once, until it is disposed; or after how many seconds there may be one. */
export type Turn = Disposable | { readonly retryAfterSeconds: number };

/** All accounts without the App together, and each one with it. */
const perMinute = 30;
const atOnce = 4;
/** All accounts together. */
const mostAtOnce = 32;
const retryAfterSeconds = 5;

/**
 * How often GitHub is asked whether the App is installed somewhere. Everybody at GitHub can get good tokens for this server's audience,
 * for as many repositories as he likes, and what GitHub answers in an hour is needed for the environments. Accounts with the App wait for
 * nobody else's flood; one without it is asked about once in a minute.
 */
export function createTurns(now?: () => number): (asking: Asking) => Turn {
  const slots = createSlots({ perKey: atOnce, inAll: mostAtOnce });
  const all = createLimiter(perMinute, now);
  const strangers = createLimiter(1, now);
  return ({ ownerId, isKnown }) => {
    const group = isKnown ? String(ownerId) : 'strangers';
    const slot = slots.take(group);
    if (!slot) return { retryAfterSeconds };
    // First his own: who asks too often takes nothing from others.
    const seconds = (isKnown ? undefined : strangers.take(String(ownerId))) ?? all.take(group);
    if (seconds === undefined) return slot;
    slot[Symbol.dispose]();
    return { retryAfterSeconds: seconds };
  };
}
