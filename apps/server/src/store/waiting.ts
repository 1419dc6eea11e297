import type { Executor } from './database.ts';
import type { WorkKind } from './schema.ts';

/** The keys of all work of a kind that waits for its next try, or runs; what was given up is left out. */
export async function waitingKeys(db: Executor, kind: WorkKind): Promise<string[]> {
  const rows = await db
    .selectFrom('work')
    .select('key')
    .where('kind', '=', kind)
    .where('parkedAt', 'is', null)
    .orderBy('dueAt')
    .execute();
  return rows.map(({ key }) => key);
}
