import { sql } from 'kysely';
import type { Database } from '../store/database.ts';
import { pruneDeliveries } from '../store/deliveries.ts';
import { pruneSweeps } from '../store/sweeps.ts';

const keepSweeps = 100;

/** What nobody asks for any more. */
export async function keepHouse(db: Database): Promise<void> {
  await pruneDeliveries(db);
  await pruneSweeps(db, keepSweeps);
  // The longest budget is that of an hour.
  await sql`delete from github_writes where at < now() - interval '1 hour'`.execute(db);
}
