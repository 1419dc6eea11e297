import { setTimeout as wait } from 'node:timers/promises';

/**
 * Two classes of calls, each with a gate of its own, so that what frees the cluster goes on while the rest is told to wait.
 * `urgent`: deletions, and everything about one namespace itself. `bulk`: lists, watches, and what is put into a namespace.
 */
export type Urgency = 'urgent' | 'bulk';

/** How fast a class calls after the cluster has asked for patience. */
export interface Pace {
  readonly perSecond: number;
  /** How many calls may come at once when none came for a while. */
  readonly burst: number;
}

/** The usual limit of controllers towards one API server. */
export const usualPace: Pace = { perSecond: 50, burst: 100 };

/**
 * For how long after the last `Retry-After` calls are paced. Before the first one they are not: an API server has queues of its own
 * (priority and fairness), and a fixed rate would make a hundred environments at once wait for nothing.
 */
const pacedForMs = 60_000;

/**
 * Waiting in place is the cheapest, as nothing that was done has to be done again. But whoever waits takes a place of those that work,
 * and what is urgent needs places too: for longer than this only so many wait, half of the places of a server.
 */
const shortWaitMs = 3_000;
const mostWaiting = 8;

/** All times are milliseconds on a monotonic clock. */
export interface GateState {
  readonly shutUntil: number;
  readonly pacedUntil: number;
  /** When the bucket is full again; each call moves it by one interval. */
  readonly fullAt: number;
}

export const openGate: GateState = { shutUntil: 0, pacedUntil: 0, fullAt: 0 };

/** When the next call may leave, and the state once it does. Pure. */
export function reserve(state: GateState, pace: Pace, now: number): { readonly at: number; readonly state: GateState } {
  const earliest = Math.max(now, state.shutUntil);
  if (earliest >= state.pacedUntil) return { at: earliest, state };
  const intervalMs = 1000 / pace.perSecond;
  const at = Math.max(earliest, state.fullAt - (pace.burst - 1) * intervalMs);
  return { at, state: { ...state, fullAt: Math.max(state.fullAt, at) + intervalMs } };
}

/** The state after the cluster asked not to be called for `ms`. The bucket is empty then: those who waited come one by one. Pure. */
export function shut(state: GateState, pace: Pace, { now, ms }: { now: number; ms: number }): GateState {
  const shutUntil = Math.max(state.shutUntil, now + ms);
  return {
    shutUntil,
    pacedUntil: shutUntil + pacedForMs,
    fullAt: Math.max(state.fullAt, shutUntil + ((pace.burst - 1) * 1000) / pace.perSecond),
  };
}

export interface Gate {
  /**
   * Waits until a call may leave, at most until `latest` (on the clock of `performance.now()`).
   * Returns undefined then. Where it would have to wait longer, or too many wait already: how many milliseconds it is, at once.
   */
  enter(options: { readonly latest: number; readonly signal: AbortSignal }): Promise<number | undefined>;
  /** No call of this class leaves for `ms` from now. */
  shut(ms: number): void;
}

export function createGate(pace: Pace = usualPace): Gate {
  let state = openGate;
  let waiting = 0;
  return {
    enter: async ({ latest, signal }) => {
      for (;;) {
        const now = performance.now();
        const next = reserve(state, pace, now);
        const waitMs = Math.ceil(next.at - now);
        const isTooLong = next.at > latest || (waitMs > shortWaitMs && waiting >= mostWaiting);
        // Whoever need not wait is never sent away: that its time is over is for the call itself to say, with what it knows.
        if (waitMs > 0 && isTooLong) return waitMs;
        state = next.state;
        if (waitMs <= 0) return undefined;
        waiting += 1;
        await until(next.at, signal).finally(() => (waiting -= 1));
        // Somebody else may have been sent away meanwhile.
        if (performance.now() >= state.shutUntil) return undefined;
      }
    },
    shut: (ms) => {
      state = shut(state, pace, { now: performance.now(), ms });
    },
  };
}

/** Timers may fire a millisecond early; the cluster's word is kept to the millisecond. */
async function until(at: number, signal: AbortSignal): Promise<void> {
  while (performance.now() < at) {
    await wait(Math.ceil(at - performance.now()), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
