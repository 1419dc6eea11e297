import { sql } from 'kysely';
import type { Database } from '../store/database.ts';
import { pruneDeliveries } from '../store/deliveries.ts';
import { pruneSweeps } from '../store/sweeps.ts';
import { retryParked } from '../store/work.ts';

const keepSweeps = 100;

/** Long enough for a person who mends a permission or a key, rare enough to cost nothing while nobody does. */
const parkedReportMinutes = 10;

/** Takes away what nobody asks for any more, and gives what was parked and no comparison finds its next try. */
export async function keepHouse(db: Database): Promise<void> {
  await retryParked(db, 'report', parkedReportMinutes);
  await pruneDeliveries(db);
  await pruneSweeps(db, keepSweeps);
  // The longest budget is that of an hour.
  await sql`delete from github_writes where at < now() - interval '1 hour'`.execute(db);
}
