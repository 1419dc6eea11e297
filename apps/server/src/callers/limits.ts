/** How often somebody may ask. Both parts are of this process alone. */
export interface Limiter {
  /** Takes one. Undefined: it may go on. Otherwise after how many seconds it may ask again. */
  take(key: string): number | undefined;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Accounts that are remembered at once; one that is forgotten begins anew, so nobody gains much by making many. */
const mostKeys = 10_000;

/** A bucket for each key: `perMinute` at once, and as many again over each minute. */
export function createLimiter(perMinute: number, now: () => number = () => performance.now()): Limiter {
  const buckets = new Map<string, Bucket>();
  const perMs = perMinute / 60_000;
  return {
    take: (key) => {
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: perMinute, at };
      const tokens = Math.min(perMinute, bucket.tokens + (at - bucket.at) * perMs);
      const isAllowed = tokens >= 1;
      // Set anew, so that the one in front is the one that was used least recently.
      buckets.delete(key);
      buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at });
      const [oldest] = buckets.keys();
      if (buckets.size > mostKeys && oldest !== undefined) buckets.delete(oldest);
      return isAllowed ? undefined : Math.max(1, Math.ceil((1 - tokens) / perMs / 1000));
    },
  };
}

/** How many go on at once: of one caller, and of all together. */
export interface AtOnce {
  readonly perKey: number;
  readonly inAll: number;
}

const fewestChanges: AtOnce = { perKey: 5, inAll: 20 };

/**
 * Of creations and cleanups, from how many one caller may ask for in a minute: a third of it, and of all callers together as many as it.
 * Each is some fifteen calls to the cluster over a second or two, and a cleanup waits up to a minute: without a bound those of one minute
 * could all begin in one second, and all of them be late. Pure.
 */
export function changesAtOnce(perMinute: number): AtOnce {
  return {
    perKey: Math.max(fewestChanges.perKey, Math.ceil(perMinute / 3)),
    inAll: Math.max(fewestChanges.inAll, perMinute),
  };
}

export interface Slots {
  /** The right to go on until it is disposed; undefined when as many as there may be do so already. */
  take(key: string): Disposable | undefined;
}

export function createSlots({ perKey, inAll }: AtOnce): Slots {
  const held = new Map<string, number>();
  let all = 0;
  return {
    take: (key) => {
      const ofKey = held.get(key) ?? 0;
      if (ofKey >= perKey || all >= inAll) return undefined;
      held.set(key, ofKey + 1);
      all += 1;
      let isHeld = true;
      return {
        [Symbol.dispose]: () => {
          if (!isHeld) return;
          isHeld = false;
          all -= 1;
          const rest = (held.get(key) ?? 1) - 1;
          if (rest === 0) held.delete(key);
          else held.set(key, rest);
        },
      };
    },
  };
}
