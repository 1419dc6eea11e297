import { EphemeraError, messageOf } from '@ephemera/model';
import type { Logger } from 'pino';
import type { Database } from '../store/database.ts';
import type { WorkKind, WorkRow } from '../store/schema.ts';
import { finish, lease, nextDueMs, postpone, type Later } from '../store/work.ts';
import { backoffMs } from './backoff.ts';
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
  /** How long a stop lets running work go on; its calls are aborted then, and its rows are free at once. Default 10 s. */
  readonly drainMs?: number;
  readonly log: Logger;
}

export interface Worker extends AsyncDisposable {
  readonly start: () => void;
  /** Something may be due. Cheap; called by what enqueues here, and by NOTIFY for what others enqueue. */
  readonly wake: () => void;
}

/** The slow poll: finds what was announced while nobody listened. */
const pollMs = 5_000;
const usualDrainMs = 10_000;

/** Leases due work and runs it, from `start` on. Disposing stops leasing, then waits for what runs. */
export function createWorker(options: WorkerOptions): Worker {
  const { db, handlers, owner, leaseMs, concurrency, limited, drainMs = usualDrainMs, log } = options;
  const stopping = new AbortController();
  const running = new Map<Promise<void>, WorkKind>();
  let timer: NodeJS.Timeout | undefined;
  const state = { open: false };
  let pumping = false;
  let wokenMeanwhile = false;

  async function pump(): Promise<void> {
    if (!state.open) return;
    if (pumping) {
      wokenMeanwhile = true;
      return;
    }
    pumping = true;
    clearTimeout(timer);
    let sleepMs = pollMs;
    try {
      do {
        wokenMeanwhile = false;
        await fill();
        sleepMs = Math.min(pollMs, Math.max(0, (await nextDueMs(db, kindsWithPlace())) ?? pollMs));
      } while (wokenMeanwhile && state.open);
    } catch (error) {
      log.warn({ err: error }, 'the work table cannot be read; trying again');
      sleepMs = 1_000;
    } finally {
      pumping = false;
    }
    // With every slot taken, the end of a run is the next occasion.
    if (state.open && running.size < concurrency) timer = setTimeout(() => void pump(), sleepMs);
  }

  async function fill(): Promise<void> {
    while (running.size < concurrency && state.open) {
      const leasedAt = performance.now();
      const row = await lease(db, owner, leaseMs, kindsWithPlace());
      if (!row) return;
      const run = runOne(row, leasedAt).finally(() => {
        running.delete(run);
        void pump();
      });
      running.set(run, row.kind);
    }
  }

  function kindsWithPlace(): WorkKind[] {
    const taken = [...running.values()].filter((kind) => limited.kinds.includes(kind)).length;
    const kinds = Object.keys(handlers) as WorkKind[];
    return taken < limited.most ? kinds : kinds.filter((kind) => !limited.kinds.includes(kind));
  }

  async function runOne(row: WorkRow, leasedAt: number): Promise<void> {
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
      else await postpone(db, ref, wanted, outcome);
    } catch (error) {
      if (error instanceof LeaseLost || claim.signal.reason instanceof LeaseLost) {
        workLog.warn('the lease was lost; whoever holds it now goes on');
        return;
      }
      await postpone(db, ref, wanted, laterAfter(error, row.attempts, workLog)).catch((cause: unknown) => {
        workLog.warn({ err: cause }, 'the failure could not be recorded; the lease lapses by itself');
      });
    }
  }

  function laterAfter(error: unknown, attempts: number, workLog: Logger): Later {
    // Cut off by the stop of this server: nothing failed, and the next one goes on at once.
    if (stopping.signal.aborted) return { afterMs: 0 };
    const afterMs = retryAfterMs(error, attempts);
    workLog.warn({ err: error, attempts: attempts + 1, afterMs }, 'work failed and is tried again');
    return { afterMs, error: messageOf(error) };
  }

  return {
    start: () => {
      state.open = true;
      void pump();
    },
    wake: () => void pump(),
    [Symbol.asyncDispose]: async () => {
      state.open = false;
      clearTimeout(timer);
      // What runs may finish; only what takes too long is cut off, and goes on elsewhere.
      const patience = setTimeout(() => stopping.abort(new Error('the server is stopping')), drainMs);
      await Promise.allSettled(running.keys());
      clearTimeout(patience);
    },
  };
}

/** What the other side asks for counts, if it is longer than our own patience. */
function retryAfterMs(error: unknown, attempts: number): number {
  const asked = error instanceof EphemeraError ? error.details['retryAfterMs'] : undefined;
  return Math.max(backoffMs(attempts, Math.random()), typeof asked === 'number' ? asked : 0);
}
