import { sql, type Selectable } from 'kysely';
import type { Executor } from '../store/database.ts';
import type { Tables } from '../store/schema.ts';

/** A name in use, as the sweep sees it. */
export type PrJobName = Selectable<Tables['prJobNames']>;
type Key = Pick<PrJobName, 'cluster' | 'namespace' | 'name'>;

/** As a finding calls it. */
export function subjectOf({ cluster, namespace, name }: Key): string {
  return `pr-job ${namespace}/${name}${cluster === '' ? '' : ` on ${cluster}`}`;
}

const isSettled = (settleMs: number) => sql<boolean>`used_at < now() - ${settleMs} * interval '1 ms'`;

/** Those that no create has touched for `settleMs`. */
export async function settledNames(db: Executor, settleMs: number): Promise<PrJobName[]> {
  return db
    .selectFrom('prJobNames')
    .selectAll()
    .where(isSettled(settleMs))
    .orderBy('cluster')
    .orderBy('namespace')
    .orderBy('name')
    .execute();
}

/** Locks the row until the transaction ends. Undefined: it is gone, in use again, or somebody else is at it. */
export async function holdName(
  tx: Executor,
  { cluster, namespace, name }: Key,
  settleMs: number,
): Promise<PrJobName | undefined> {
  return tx
    .selectFrom('prJobNames')
    .selectAll()
    .where('cluster', '=', cluster)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .where(isSettled(settleMs))
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

/**
 * Takes a name that nobody has until the transaction ends: whoever wants it meanwhile waits. To be given back by `deleteName`. False:
 * somebody has it.
 */
export async function takeName(tx: Executor, key: Key): Promise<boolean> {
  const { cluster, namespace, name } = key;
  const taken = await tx
    .insertInto('prJobNames')
    .values({ cluster, namespace, name, claimedBy: 'sweep' })
    .onConflict((conflict) => conflict.doNothing())
    .returning('name')
    .executeTakeFirst();
  return taken !== undefined;
}

/** Which of these names of a namespace have a row, on whatever cluster: two names may mean the same cluster. */
export async function knownNames(
  db: Executor,
  namespace: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await db
    .selectFrom('prJobNames')
    .select('name')
    .where('namespace', '=', namespace)
    .where('name', 'in', names)
    .execute();
  return new Set(rows.map(({ name }) => name));
}

export async function noteProblem(db: Executor, key: Key, problem: string | null): Promise<void> {
  const { cluster, namespace, name } = key;
  await db
    .updateTable('prJobNames')
    .set({ problem })
    .where('cluster', '=', cluster)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .execute();
}

/** Nothing is left of it. */
export async function deleteName(db: Executor, key: Key): Promise<void> {
  const { cluster, namespace, name } = key;
  await db
    .deleteFrom('prJobNames')
    .where('cluster', '=', cluster)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .execute();
}
