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
