import { sql, type Selectable } from 'kysely';
import type { Executor } from '../store/database.ts';
import type { Tables } from '../store/schema.ts';

/** A name in use, as the sweep sees it. */
export type PrJobName = Selectable<Tables['prJobNames']>;
/** A row as it was read: `usedAtText` has the microseconds that tell a use in between. */
export type SettledName = PrJobName & { readonly usedAtText: string };
type Key = Pick<PrJobName, 'cluster' | 'namespace' | 'name'>;

/** As a finding calls it. */
export function subjectOf({ cluster, namespace, name }: Key): string {
  return `pr-job ${namespace}/${name}${cluster === '' ? '' : ` on ${cluster}`}`;
}

const isSettled = (settleMs: number) => sql<boolean>`used_at < now() - ${settleMs} * interval '1 ms'`;

/** The clusters that have names in use. */
export async function clustersInUse(db: Executor): Promise<string[]> {
  const rows = await db.selectFrom('prJobNames').select('cluster').distinct().orderBy('cluster').execute();
  return rows.map(({ cluster }) => cluster);
}

interface Settled {
  /** Names of one cluster. */
  readonly clusters: readonly string[];
  readonly settleMs: number;
  readonly most: number;
}

/** Those that no create has touched for `settleMs`, at most `most`: those whose last turn is longest ago come first. */
export async function settledNames(db: Executor, { clusters, settleMs, most }: Settled): Promise<SettledName[]> {
  return db
    .selectFrom('prJobNames')
    .selectAll()
    .select(sql<string>`used_at::text`.as('usedAtText'))
    .where('cluster', 'in', clusters)
    .where(isSettled(settleMs))
    .orderBy(sql`coalesce(swept_at, used_at)`)
    .orderBy('cluster')
    .orderBy('namespace')
    .orderBy('name')
    .limit(most)
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

/** Deletes the rows of names that have nothing anywhere, but for those that somebody has used since they were read, or holds. */
export async function forgetNames(db: Executor, rows: readonly SettledName[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`delete from pr_job_names where ctid = any(array(${lockOf(rows, { ifUnused: true })}))`.execute(db);
}

/** They have had their turn in this pass. Those that somebody holds keep their place. */
export async function noteSwept(db: Executor, rows: readonly SettledName[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`update pr_job_names set swept_at = now() where ctid = any(array(${lockOf(rows)}))`.execute(db);
}

/** Two passes that lock many rows in whatever order would wait for each other for ever: what is locked is left out. */
function lockOf(rows: readonly SettledName[], { ifUnused } = { ifUnused: false }) {
  const column = (of: (row: SettledName) => string) => sql`${rows.map(of)}::text[]`;
  return sql`
    select used.ctid from pr_job_names as used
    join unnest(${column(({ cluster }) => cluster)}, ${column(({ namespace }) => namespace)},
      ${column(({ name }) => name)}, ${column(({ usedAtText }) => usedAtText)}) as seen (cluster, namespace, name, used_at)
      using (cluster, namespace, name)
    where ${!ifUnused} or used.used_at = seen.used_at::timestamptz
    for update of used skip locked`;
}

/** What the turn of one name has come to. Null: nothing to complain of. */
export async function noteProblem(db: Executor, key: Key, problem: string | null): Promise<void> {
  const { cluster, namespace, name } = key;
  await db
    .updateTable('prJobNames')
    .set({ problem, sweptAt: sql<Date>`now()` })
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
