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

/** Far more than anybody reopens a pull request; those before them are destroyed long since. */
const mostGenerations = 50;

/** The generations of a pull request, newest first, at most 50. */
export async function generations(db: Executor, repositoryId: number, prNumber: number): Promise<Environment[]> {
  return ofPullRequest(db, repositoryId, prNumber).orderBy('generation', 'desc').limit(mostGenerations).execute();
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
  /** What the reader may see: ids of repositories, and names of namespaces. Undefined: all. */
  readonly within?: {
    readonly repositoryIds: readonly number[] | undefined;
    readonly namespaces: readonly string[] | undefined;
  };
}

const listLimit = 100;

/** Newest first, at most 100. Active is everything that is not destroyed. */
export async function listEnvironments(db: Executor, filter: EnvironmentFilter): Promise<Environment[]> {
  let query = db.selectFrom('environments').selectAll().orderBy('id', 'desc').limit(listLimit);
  if (filter.repository !== undefined)
    query = query.where(sql`lower(repository_full_name)`, '=', filter.repository.toLowerCase());
  const { repositoryIds, namespaces } = filter.within ?? {};
  if (repositoryIds) query = query.where(sql<boolean>`repository_id = any(${repositoryIds})`);
  if (namespaces) query = query.where('namespace', 'in', namespaces);
  if (filter.activeOnly) query = query.where('status', '!=', 'destroyed');
  return query.execute();
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

const isNewest = sql<boolean>`not exists (
  select 1 from environments later
  where later.repository_id = environments.repository_id and later.pr_number = environments.pr_number
    and later.generation > environments.generation)`;

/** The newest generation of each of these pull requests of a repository, and of each whose newest one is open or held. */
export async function newestGenerations(
  db: Executor,
  repositoryId: number,
  prNumbers: readonly number[],
): Promise<Environment[]> {
  return db
    .selectFrom('environments')
    .selectAll()
    .distinctOn('prNumber')
    .where('repositoryId', '=', repositoryId)
    .where((eb) =>
      eb.or([
        eb('wantedState', '=', 'open'),
        sql<boolean>`pr_number = any(${prNumbers})`,
        // An earlier generation keeps its mark when a push has brought a new one.
        eb.and([eb('held', '=', true), isNewest]),
      ]),
    )
    .orderBy('prNumber')
    .orderBy('generation', 'desc')
    .execute();
}

/** Those that their pull requests still want, of one repository or one installation, oldest first. */
export async function openEnvironments(
  db: Executor,
  of: { readonly repositoryId: number } | { readonly installationId: number },
): Promise<Environment[]> {
  const query = db.selectFrom('environments').selectAll().where('wantedState', '=', 'open').orderBy('id');
  return 'repositoryId' in of
    ? query.where('repositoryId', '=', of.repositoryId).execute()
    : query.where('installationId', '=', of.installationId).execute();
}

export async function countOpenEnvironments(db: Executor): Promise<number> {
  const { count } = await db
    .selectFrom('environments')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('wantedState', '=', 'open')
    .executeTakeFirstOrThrow();
  return count;
}

export async function environmentsByNamespaces(db: Executor, namespaces: readonly string[]): Promise<Environment[]> {
  return db
    .selectFrom('environments')
    .selectAll()
    .where(sql<boolean>`namespace = any(${namespaces})`)
    .execute();
}

/** Those that their pull requests want and that failed for this reason. */
export async function openEnvironmentsFailedBy(db: Executor, reason: string): Promise<Environment[]> {
  return db
    .selectFrom('environments')
    .selectAll()
    .where('wantedState', '=', 'open')
    .where('status', '=', 'failed')
    .where('reason', '=', reason)
    .orderBy('id')
    .execute();
}

export async function readyEnvironments(db: Executor): Promise<Environment[]> {
  return db
    .selectFrom('environments')
    .selectAll()
    .where('status', '=', 'ready')
    .where('wantedState', '=', 'open')
    .orderBy('id')
    .execute();
}

/**
 * A repository has moved: rows that still matter get its name and installation. Their identity is its id, which stays. The newest
 * generation matters also when it is destroyed: by it GitHub is told, and asked, about the pull request.
 */
export async function moveEnvironments(
  db: Executor,
  repositoryId: number,
  { fullName, installationId }: { readonly fullName: string; readonly installationId: number },
): Promise<void> {
  await db
    .updateTable('environments')
    .set({
      repositoryFullName: fullName,
      repositoryName: fullName.split('/').at(-1) ?? fullName,
      installationId,
      updatedAt: sql<Date>`now()`,
    })
    .where('repositoryId', '=', repositoryId)
    .where((eb) => eb.or([eb('status', '!=', 'destroyed'), isNewest]))
    .execute();
}

/** Lets the newest generation of a pull request be followed by another one again, if somebody had removed it by hand. */
export async function releaseHold(db: Executor, repositoryId: number, prNumber: number): Promise<void> {
  await sql`
    update environments set held = false, updated_at = now()
    where held and id = (
      select id from environments where repository_id = ${repositoryId} and pr_number = ${prNumber}
      order by generation desc limit 1)`.execute(db);
}

function ofPullRequest(db: Executor, repositoryId: number, prNumber: number) {
  return db
    .selectFrom('environments')
    .selectAll()
    .where('repositoryId', '=', repositoryId)
    .where('prNumber', '=', prNumber);
}
