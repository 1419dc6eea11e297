import { sql, type Insertable, type Updateable } from 'kysely';
import type { Executor } from './database.ts';
import type { Environment, Tables } from './schema.ts';

export async function environmentById(db: Executor, id: number): Promise<Environment | undefined> {
  return db.selectFrom('environments').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The generation of a pull request that GitHub still wants, if there is one. */
export async function openEnvironment(
  db: Executor,
  repositoryId: number,
  prNumber: number,
): Promise<Environment | undefined> {
  return ofPullRequest(db, repositoryId, prNumber).where('wantedState', '=', 'open').executeTakeFirst();
}

/** All generations of a pull request, newest first. */
export async function generations(db: Executor, repositoryId: number, prNumber: number): Promise<Environment[]> {
  return ofPullRequest(db, repositoryId, prNumber).orderBy('generation', 'desc').execute();
}

/** The newest generation, whatever became of it. */
export async function latestEnvironment(
  db: Executor,
  repositoryId: number,
  prNumber: number,
): Promise<Environment | undefined> {
  return ofPullRequest(db, repositoryId, prNumber).orderBy('generation', 'desc').limit(1).executeTakeFirst();
}

export async function environmentByNamespace(db: Executor, namespace: string): Promise<Environment | undefined> {
  return db.selectFrom('environments').selectAll().where('namespace', '=', namespace).executeTakeFirst();
}

/** A host belongs to a pull request, so the newest of its generations answers. */
export async function environmentByHost(db: Executor, host: string): Promise<Environment | undefined> {
  return db
    .selectFrom('environments')
    .selectAll()
    .where('host', '=', host)
    .orderBy('generation', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface EnvironmentFilter {
  /** `owner/name`, in any case. */
  readonly repository?: string | undefined;
  readonly activeOnly?: boolean | undefined;
}

const listLimit = 100;

/** Newest first, at most 100. Active is everything that is not destroyed. */
export async function listEnvironments(db: Executor, filter: EnvironmentFilter): Promise<Environment[]> {
  let query = db.selectFrom('environments').selectAll().orderBy('id', 'desc').limit(listLimit);
  if (filter.repository !== undefined)
    query = query.where(sql`lower(repository_full_name)`, '=', filter.repository.toLowerCase());
  if (filter.activeOnly) query = query.where('status', '!=', 'destroyed');
  return query.execute();
}

export async function countByStatus(db: Executor): Promise<{ status: string; count: number }[]> {
  return db
    .selectFrom('environments')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
}

export async function insertEnvironment(db: Executor, row: Insertable<Tables['environments']>): Promise<Environment> {
  return db.insertInto('environments').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateEnvironment(
  db: Executor,
  id: number,
  change: Updateable<Tables['environments']>,
): Promise<Environment> {
  return db
    .updateTable('environments')
    .set({ ...change, updatedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function ofPullRequest(db: Executor, repositoryId: number, prNumber: number) {
  return db
    .selectFrom('environments')
    .selectAll()
    .where('repositoryId', '=', repositoryId)
    .where('prNumber', '=', prNumber);
}
