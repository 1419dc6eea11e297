import { sql, type Insertable } from 'kysely';
import type { Executor } from './database.ts';
import type { Tables } from './schema.ts';
import { armed, type Enqueue } from './work.ts';

/** Records a delivery. The unique violation itself is what tells a duplicate: there is no moment between looking and writing. */
export async function recordDelivery(
  db: Executor,
  row: Insertable<Tables['deliveries']>,
): Promise<'new' | 'duplicate'> {
  const { times } = await db
    .insertInto('deliveries')
    .values(row)
    .onConflict((conflict) => conflict.column('deliveryId').doUpdateSet({ times: sql<number>`deliveries.times + 1` }))
    .returning('times')
    .executeTakeFirstOrThrow();
  return times === 1 ? 'new' : 'duplicate';
}

/** The same, together with the work that follows from it: one statement, so one round trip for whoever waits for its answer. */
export async function recordWithWork(
  db: Executor,
  row: Insertable<Tables['deliveries']>,
  work: Enqueue,
): Promise<'new' | 'duplicate'> {
  const { rows } = await sql<{ times: number }>`
    with delivered as (
      insert into deliveries (delivery_id, event, action, repository_id, repository_full_name, pr_number, installation_id, outcome)
      values (${row.deliveryId}, ${row.event}, ${row.action ?? null}, ${row.repositoryId ?? null}, ${row.repositoryFullName ?? null},
        ${row.prNumber ?? null}, ${row.installationId ?? null}, ${row.outcome})
      on conflict (delivery_id) do update set times = deliveries.times + 1
      returning times
    ), ${armed(work)}
    select times from delivered, told`.execute(db);
  return rows[0]?.times === 1 ? 'new' : 'duplicate';
}

/** GitHub redelivers for three days at most; a week leaves room for somebody who looks for a lost one. */
const keepDays = 7;

export async function pruneDeliveries(db: Executor): Promise<void> {
  await sql`delete from deliveries where received_at < now() - ${keepDays} * interval '1 day'`.execute(db);
}
