import type { Database } from '../src/store/database.ts';
import { lease, type Enqueue } from '../src/store/work.ts';
import { holdClaim, type HeldClaim } from '../src/work/claim.ts';

/** Leases what is due next, which has to be this work, and holds it as a worker does. */
export async function claimFor(
  db: Database,
  { kind, key }: Pick<Enqueue, 'kind' | 'key'>,
  leaseMs = 60_000,
): Promise<HeldClaim> {
  const leasedAt = performance.now();
  const [row] = await lease(db, { owner: 'a test', leaseMs });
  if (row?.kind !== kind || row.key !== key)
    throw new Error(`due is ${row ? `${row.kind} ${row.key}` : 'nothing'}, not ${kind} ${key}`);
  const stopping = new AbortController().signal;
  return holdClaim({ db, lease: row, hint: row.hint, leaseMs, leasedAt, stopping });
}
