import { EphemeraError, messageOf } from '@ephemera/model';
import type { Logger } from 'pino';
import type { Database } from '../store/database.ts';
import type { WorkKind, WorkRow } from '../store/schema.ts';
import { finish, lease, nextDueMs, park, postpone, release, type Later } from '../store/work.ts';
import { laterAfter } from './backoff.ts';
import { holdClaim, LeaseLost, type Claim } from './claim.ts';
import type { Outcome } from './outcome.ts';

/** Does one run of one kind of work. Gets a key, never an event: it reads what is true and moves it on. */
export type Handler = (claim: Claim) => Promise<Outcome>;

export interface WorkerOptions {
  readonly db: Database;
  /** Work of a kind without a handler is left to other workers. */
  readonly handlers: Readonly<Partial<Record<WorkKind, Handler>>>;
  /** Unique among all workers that ever used this database. */
  readonly owner: string;
  readonly leaseMs: number;
  /** How many keys are worked on at once. */
  readonly concurrency: number;
  /** Kinds that may never take all places, because they wait for somebody who may not answer. */
  readonly limited: { readonly kinds: readonly WorkKind[]; readonly most: number };
  /**
   * Kinds that stop trying when an error says that trying again does not help; the next event, or the sweep, gives them a new try.
   * All others are tried for ever, ever less often. Default: none.
   */
  readonly parks?: readonly WorkKind[];
  /** While this is true nothing new is begun, though never for long: somebody waits for an answer. Default: never. */
  readonly yieldTo?: () => boolean;
  /** Told about the end of every run, for measuring. */
  readonly onRun?: (run: Run) => void;
  /** How long a stop lets running work go on; its calls are aborted then, and its rows are free at once. Default 10 s. */
  readonly drainMs?: number;
  readonly log: Logger;
}

/** How one run of work ended, and how long it took. */
export interface Run {
  readonly kind: WorkKind;
  readonly outcome: 'done' | 'again' | 'failed' | 'parked' | 'lease_lost';
  readonly ms: number;
}

export interface Worker extends AsyncDisposable {
  readonly start: () => void;
  /** Something may be due. Cheap; called by what enqueues here, and by NOTIFY for what others enqueue. */
  readonly wake: () => void;
}

/** The slow poll: finds what was announced while nobody listened. */
const pollMs = 5_000;
/** What is due and cannot be leased is locked by somebody at this moment. */
const soonestMs = 20;
const usualDrainMs = 10_000;
/** How long new work is held back at most, and how often it is looked whether that is over. */
const longestYieldMs = 500;
const yieldLookMs = 10;

/** Leases due work and runs it, from `start` on. Disposing stops leasing, then waits for what runs. */
export function createWorker(options: WorkerOptions): Worker {
  const {
    db,
    handlers,
    owner,
    leaseMs,
    concurrency,
    limited,
    parks = [],
    yieldTo,
    onRun,
    drainMs = usualDrainMs,
    log,
  } = options;
  const handled = Object.keys(handlers) as WorkKind[];
  const stopping = new AbortController();
  const running = new Map<Promise<void>, WorkKind>();
  let timer: NodeJS.Timeout | undefined;
  const state = { open: false };
  let pumping = false;
  let lastPump: Promise<void> | undefined;
  let wokenMeanwhile = false;
  let yieldingSince: number | undefined;

  function pump(): void {
    if (!state.open) return;
    if (yieldTo?.() && performance.now() - (yieldingSince ??= performance.now()) < longestYieldMs) {
      clearTimeout(timer);
      timer = setTimeout(pump, yieldLookMs);
      return;
    }
    yieldingSince = undefined;
    if (pumping) wokenMeanwhile = true;
    else lastPump = pumpOnce();
  }

  async function pumpOnce(): Promise<void> {
    pumping = true;
    clearTimeout(timer);
    let sleepMs = pollMs;
    try {
      do {
        wokenMeanwhile = false;
        await fill();
        // With every place taken, the end of a run is the next occasion.
        if (running.size < concurrency)
          sleepMs = Math.min(pollMs, Math.max(soonestMs, (await nextDueMs(db, placesLeft().kinds)) ?? pollMs));
      } while (wokenMeanwhile && state.open);
    } catch (error) {
      log.warn({ err: error }, 'the work table cannot be read; trying again');
      sleepMs = 1_000;
    } finally {
      // In the same turn as the last look at `wokenMeanwhile`: whoever wakes after it begins a new one.
      pumping = false;
    }
    if (state.open && running.size < concurrency) timer = setTimeout(pump, sleepMs);
  }

  async function fill(): Promise<void> {
    while (running.size < concurrency && state.open) {
      const places = placesLeft();
      const leasedAt = performance.now();
      const rows = await lease(db, { owner, leaseMs, ...places });
      // Stopped in between: somebody else takes it at once.
      if (!state.open) return giveBack(rows);
      for (const row of rows) {
        const run = runOne(row, leasedAt).finally(() => {
          running.delete(run);
          pump();
        });
        running.set(run, row.kind);
      }
      if (rows.length < places.most) return;
    }
  }

  async function giveBack(rows: readonly WorkRow[]): Promise<void> {
    await Promise.all(rows.map((row) => release(db, row)));
  }

  /** Where the limited kinds have fewer places left than there are, no more are asked for at once than even those could take. */
  function placesLeft(): { kinds: WorkKind[]; most: number } {
    const free = concurrency - running.size;
    const taken = [...running.values()].filter((kind) => limited.kinds.includes(kind)).length;
    const limitedFree = limited.most - taken;
    if (limitedFree <= 0) return { kinds: handled.filter((kind) => !limited.kinds.includes(kind)), most: free };
    return { kinds: handled, most: Math.min(free, limitedFree) };
  }

  async function runOne(row: WorkRow, leasedAt: number): Promise<void> {
    const { kind } = row;
    const outcome = await attempt(row, leasedAt);
    onRun?.({ kind, outcome, ms: performance.now() - leasedAt });
  }

  async function attempt(row: WorkRow, leasedAt: number): Promise<Run['outcome']> {
    const { kind, key, epoch, hint, wanted } = row;
    const ref = { kind, key, epoch };
    const workLog = log.child({ work: kind, key });
    using claim = holdClaim({ db, lease: ref, hint, leaseMs, leasedAt, stopping: stopping.signal });
    try {
      const handler = handlers[kind];
      // Leased by its kind, so there is one.
      if (!handler) throw new TypeError(`no handler for ${kind}`);
      const outcome = await handler(claim);
      if (outcome.kind === 'done') await finish(db, ref, wanted);
      else await postpone(db, ref, wanted, { afterMs: outcome.afterMs });
      return outcome.kind;
    } catch (error) {
      if (error instanceof LeaseLost || claim.signal.reason instanceof LeaseLost) {
        workLog.warn('the lease was lost; whoever holds it now goes on');
        return 'lease_lost';
      }
      const next = afterFailure(error, row, workLog);
      const recorded = next === 'park' ? park(db, ref, wanted, messageOf(error)) : postpone(db, ref, wanted, next);
      await recorded.catch((cause: unknown) => {
        workLog.warn({ err: cause }, 'the failure could not be recorded; the lease lapses by itself');
      });
      return next === 'park' ? 'parked' : 'failed';
    }
  }

  function afterFailure(error: unknown, { kind, attempts }: WorkRow, workLog: Logger): Later | 'park' {
    // Cut off by the stop of this server: nothing failed, and the next one goes on at once.
    if (stopping.signal.aborted) return { afterMs: 0 };
    if (error instanceof EphemeraError && !error.retryable && parks.includes(kind)) {
      workLog.error({ err: error }, 'work failed for good; it is parked until the next event');
      return 'park';
    }
    const after = laterAfter(error, attempts, Math.random());
    // A wait that GitHub asks for holds against every event. What an environment waits for does not: its pull request may be closed
    // meanwhile, and the door to the cluster keeps the cluster's word by itself.
    const later = limited.kinds.includes(kind) ? after : { ...after, asked: false };
    workLog.warn({ err: error, attempts: attempts + 1, afterMs: later.afterMs }, 'work failed and is tried again');
    return later;
  }

  return {
    start: () => {
      state.open = true;
      pump();
    },
    wake: pump,
    [Symbol.asyncDispose]: async () => {
      state.open = false;
      clearTimeout(timer);
      // What runs may finish; only what takes too long is cut off, and goes on elsewhere.
      const patience = setTimeout(() => stopping.abort(new Error('the server is stopping')), drainMs);
      await Promise.allSettled([lastPump, ...running.keys()]);
      clearTimeout(patience);
    },
  };
}
