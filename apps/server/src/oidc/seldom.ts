export interface SeldomOptions {
  /** Default a minute. */
  readonly everyMs?: number;
  /** In milliseconds, never backwards. Default: this process's. */
  readonly now?: (() => number) | undefined;
}

/** Passes on the first call, and then one in each span at most: whoever may send requests may not fill the log with them. */
export function seldom<Args extends readonly unknown[]>(
  tell: (...args: Args) => void,
  { everyMs = 60_000, now = () => performance.now() }: SeldomOptions = {},
): (...args: Args) => void {
  let last = -Infinity;
  return (...args) => {
    const at = now();
    if (at - last < everyMs) return;
    last = at;
    tell(...args);
  };
}
