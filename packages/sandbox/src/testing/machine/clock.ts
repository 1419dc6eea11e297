/** The sandbox's clock. It goes as the real one does, and can be put forward, so that a test of a long time takes none. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls it once, after so many milliseconds. The result takes that back. */
  after(ms: number, call: () => void): () => void;
  /** Puts the clock forward. What was due meanwhile is called now, in its order. */
  pass(ms: number): void;
  /** Nothing is called any more. */
  stop(): void;
}

interface Due {
  readonly at: number;
  readonly call: () => void;
}

export function createClock(): Clock {
  let ahead = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const dues: Due[] = [];
  const now = () => Date.now() + ahead;

  function arm(): void {
    clearTimeout(timer);
    const [first] = dues;
    if (first === undefined) return;
    // The longest that Node.js can wait; the rest is waited for afterwards.
    timer = setTimeout(ring, Math.min(Math.max(0, first.at - now()), 2 ** 31 - 1));
    timer.unref();
  }

  function ring(): void {
    while (dues[0] !== undefined && dues[0].at <= now()) dues.shift()?.call();
    arm();
  }

  return {
    now,
    after: (ms, call) => {
      if (stopped) return () => {};
      const due: Due = { at: now() + ms, call };
      const place = dues.findIndex(({ at }) => at > due.at);
      dues.splice(place === -1 ? dues.length : place, 0, due);
      arm();
      return () => {
        const index = dues.indexOf(due);
        if (index === -1) return;
        dues.splice(index, 1);
        arm();
      };
    },
    pass: (ms) => {
      ahead += ms;
      ring();
    },
    stop: () => {
      stopped = true;
      dues.length = 0;
      clearTimeout(timer);
    },
  };
}
