import { defineError } from '@ephemera/model';
import type { Database, Executor } from '../store/database.ts';
import type { WorkHint } from '../store/schema.ts';
import { extendLease, holdsLease, type LeaseRef } from '../store/work.ts';

export const LeaseLost = defineError<{ kind: string; key: string }>({
  code: 'work.lease_lost',
  retryable: true,
  message: ({ kind, key }) => `Another worker has taken over ${kind} ${key}.`,
});

/** A worker's right to work on one key, for as long as its lease holds. */
export interface Claim {
  readonly key: string;
  readonly hint: WorkHint | null;
  /** Aborts when the lease is lost or the server stops; give it to every outside call. */
  readonly signal: AbortSignal;
  /**
   * Throws when the lease may have run out. Asked before every outside call: time is measured from before the lease was taken,
   * on a clock that cannot be set, so a process that was paused notices before it acts.
   */
  assertHeld(): void;
  /** Runs writes in one transaction that fails as a whole if the lease is no longer the newest. */
  write<Result>(run: (tx: Executor) => Promise<Result>): Promise<Result>;
}

export interface HeldClaim extends Claim, Disposable {
  readonly lease: LeaseRef;
}

interface ClaimOptions {
  readonly db: Database;
  readonly lease: LeaseRef;
  readonly hint: WorkHint | null;
  readonly leaseMs: number;
  /** `performance.now()` from before the lease was asked for. */
  readonly leasedAt: number;
  readonly stopping: AbortSignal;
}

/** Keeps a lease alive by a heartbeat at a third of its length, until disposed. */
export function holdClaim({ db, lease, hint, leaseMs, leasedAt, stopping }: ClaimOptions): HeldClaim {
  const lost = new AbortController();
  let heldUntil = leasedAt + leaseMs;
  const lose = () => {
    const error = new LeaseLost(lease);
    lost.abort(error);
    return error;
  };

  let beating = false;
  const heartbeat = setInterval(() => {
    // First of all: a beat that never comes back must not keep this from being noticed.
    if (performance.now() >= heldUntil) lose();
    if (beating) return;
    beating = true;
    const askedAt = performance.now();
    extendLease(db, lease, leaseMs)
      .then((extended) => {
        if (extended) heldUntil = askedAt + leaseMs;
        else lose();
      })
      // A database that does not answer extends nothing; the deadline decides.
      .catch(() => {})
      .finally(() => {
        beating = false;
        if (performance.now() >= heldUntil) lose();
      });
  }, leaseMs / 3);

  const assertHeld = () => {
    lost.signal.throwIfAborted();
    if (performance.now() >= heldUntil) throw lose();
  };

  return {
    key: lease.key,
    lease,
    hint,
    signal: AbortSignal.any([stopping, lost.signal]),
    assertHeld,
    write: (run) =>
      db.transaction().execute(async (tx) => {
        if (!(await holdsLease(tx, lease))) throw lose();
        return run(tx);
      }),
    [Symbol.dispose]: () => clearInterval(heartbeat),
  };
}
