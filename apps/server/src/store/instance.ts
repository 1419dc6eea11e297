import type { Executor } from './database.ts';

/** The id of this database: `proposed` at the first call ever, the recorded one at every later call. */
export async function instanceId(db: Executor, proposed: string): Promise<string> {
  await db
    .insertInto('instance')
    .values({ id: proposed })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await db.selectFrom('instance').select('id').executeTakeFirstOrThrow()).id;
}
