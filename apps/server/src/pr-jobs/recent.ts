/** What this process has done within some time, so that it need not ask a database for it. */
export interface Recent {
  has(key: string): boolean;
  add(key: string): void;
}

/** What is dropped, as there is no more room, is merely asked for again. */
const mostKept = 10_000;

export function createRecent(forMs: number, now: () => number = () => performance.now()): Recent {
  const addedAt = new Map<string, number>();
  return {
    has: (key) => now() - (addedAt.get(key) ?? -Infinity) < forMs,
    add: (key) => {
      addedAt.delete(key);
      addedAt.set(key, now());
      const [oldest] = addedAt.keys();
      if (addedAt.size > mostKept && oldest !== undefined) addedAt.delete(oldest);
    },
  };
}
