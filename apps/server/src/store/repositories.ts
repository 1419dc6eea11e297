import { sql } from 'kysely';
import type { Executor } from './database.ts';
import type { Repository } from './schema.ts';

export interface RepositoryFacts {
  readonly id: number;
  readonly installationId: number;
  readonly fullName: string;
}

export async function repositoryById(db: Executor, id: number): Promise<Repository | undefined> {
  return db.selectFrom('repositories').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Writes down where GitHub shows the repository now: it is not missing. */
export async function saveRepository(db: Executor, facts: RepositoryFacts): Promise<void> {
  const { id, installationId, fullName } = facts;
  // Every look at a pull request comes by here: what says the same already is not written, so they do not wait for one another.
  await sql`
    insert into repositories (id, installation_id, full_name) values (${id}, ${installationId}, ${fullName})
    on conflict (id) do update set
      installation_id = excluded.installation_id,
      full_name = excluded.full_name,
      missing_since = null,
      updated_at = now()
    where (repositories.installation_id, repositories.full_name, repositories.missing_since)
      is distinct from (excluded.installation_id, excluded.full_name, null::timestamptz)`.execute(db);
}

/** Starts the grace of a repository that GitHub does not show; one that has started goes on. */
export async function markRepositoryMissing(db: Executor, id: number): Promise<void> {
  await db
    .updateTable('repositories')
    .set({ missingSince: sql<Date>`coalesce(missing_since, now())`, updatedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

/** Its pull requests were compared, so it is there. */
export async function markRepositorySwept(db: Executor, id: number): Promise<void> {
  await db
    .updateTable('repositories')
    .set({ sweptAt: sql<Date>`now()`, missingSince: null })
    .where('id', '=', id)
    .execute();
}

/** With how many milliseconds each has been missing; zero for one that was never missed. Only those with an open environment. */
export async function repositoriesInUse(db: Executor): Promise<(Repository & { missingMs: number })[]> {
  return db
    .selectFrom('repositories')
    .selectAll()
    .select(sql<number>`coalesce((extract(epoch from now() - missing_since) * 1000)::float8, 0)`.as('missingMs'))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('environments')
          .select(sql`1`.as('one'))
          .whereRef('environments.repositoryId', '=', 'repositories.id')
          .where('environments.wantedState', '=', 'open'),
      ),
    )
    .orderBy('id')
    .execute();
}
