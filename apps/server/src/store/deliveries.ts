import { sql, type Insertable } from 'kysely';
import type { Executor } from './database.ts';
import type { Tables } from './schema.ts';

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

/** GitHub redelivers for three days at most; a week leaves room for somebody who looks for a lost one. */
const keepDays = 7;

export async function pruneDeliveries(db: Executor): Promise<void> {
  await sql`delete from deliveries where received_at < now() - ${keepDays} * interval '1 day'`.execute(db);
}
