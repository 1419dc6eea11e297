/** The right to read one log. */
export interface Turn extends Disposable {
  /** Aborted when others have waited long enough: stop, give the turn back and ask for another. */
  readonly over: AbortSignal;
}

export interface LogQueue {
  /** `live`: a log that goes on may be asked to let others; one of a container that has ended is read to its end. */
  turn(options: { readonly live: boolean; readonly signal: AbortSignal }): Promise<Turn>;
}

interface Waiting {
  readonly live: boolean;
  readonly start: () => void;
}

interface Held {
  readonly live: boolean;
  readonly since: number;
  readonly over: AbortController;
}

/** Whose turn is next: logs of containers that have ended first, as their pod may be removed at any time; then in order. Pure. */
export function nextInLine(waiting: readonly Pick<Waiting, 'live'>[]): number {
  const ended = waiting.findIndex(({ live }) => !live);
  return Math.max(0, ended);
}

/** Which turn is to end for others: the live one that is held for longest. Undefined: none can be. Pure. */
export function longestHeld<Turn extends Pick<Held, 'live' | 'since'>>(held: Iterable<Turn>): Turn | undefined {
  return [...held].filter(({ live }) => live).toSorted((a, b) => a.since - b.since)[0];
}

/** How many logs are read at once, and how long a live one is read while others wait. */
export interface QueueLimits {
  readonly atOnce: number;
  readonly turnMs: number;
}

const defaultLimits: QueueLimits = { atOnce: 20, turnMs: 5_000 };

/** Lets only so many logs be read at once: each holds a connection to the API server and one from there to a node. */
export function logQueue({ atOnce, turnMs }: QueueLimits = defaultLimits): LogQueue {
  const held = new Set<Held>();
  let waiting: readonly Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** While others wait, the turn that is held for longest ends when it has been held long enough. */
  const watchTurns = (): void => {
    clearTimeout(timer);
    const longest = longestHeld([...held].filter(({ over }) => !over.signal.aborted));
    if (waiting.length === 0 || !longest) return;
    const end = (): void => {
      longest.over.abort();
      watchTurns();
    };
    timer = setTimeout(end, Math.max(0, longest.since + turnMs - performance.now()));
  };

  const take = (live: boolean): Turn => {
    const mine: Held = { live, since: performance.now(), over: new AbortController() };
    held.add(mine);
    const release = (): void => {
      if (!held.delete(mine)) return;
      const next = nextInLine(waiting);
      const [chosen] = waiting.slice(next, next + 1);
      waiting = waiting.filter((one) => one !== chosen);
      chosen?.start();
      watchTurns();
    };
    return { over: mine.over.signal, [Symbol.dispose]: release };
  };

  return {
    turn: async ({ live, signal }) => {
      signal.throwIfAborted();
      if (held.size < atOnce) {
        const turn = take(live);
        watchTurns();
        return turn;
      }
      const { promise, resolve, reject } = Promise.withResolvers<Turn>();
      const one: Waiting = { live, start: () => resolve(take(live)) };
      const leave = (): void => {
        waiting = waiting.filter((other) => other !== one);
        reject(signal.reason as Error);
      };
      waiting = [...waiting, one];
      watchTurns();
      signal.addEventListener('abort', leave);
      return promise.finally(() => signal.removeEventListener('abort', leave));
    },
  };
}
