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
  // As long as an Idempotency-Key is promised to give the same job.
  await sql`delete from pr_job_requests where requested_at < now() - interval '24 hours'`.execute(db);
  await sql`delete from sandbox_requests where requested_at < now() - interval '24 hours'`.execute(db);
  // Such a token is refused for its time from then on; with what clocks may be apart.
  await sql`delete from oidc_uses where expires_at < now() - interval '5 minutes'`.execute(db);
  await sql`delete from pr_job_events where at < now() - interval '30 days'`.execute(db);
}
