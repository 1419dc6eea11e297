import { sql } from 'kysely';
import type { Executor } from './database.ts';
import type { Repository } from './schema.ts';
import { narrowedText } from './narrowed-repository.ts';

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
  const { rows } = await sql`
    insert into repositories (id, installation_id, full_name) values (${id}, ${installationId}, ${fullName})
    on conflict (id) do update set
      installation_id = excluded.installation_id,
      full_name = excluded.full_name,
      missing_since = null,
      updated_at = now()
    where (repositories.installation_id, repositories.full_name, repositories.missing_since)
      is distinct from (excluded.installation_id, excluded.full_name, null::timestamptz)
    returning 1`.execute(db);
  if (rows.length > 0) await bindTokens(db, facts);
}

/**
 * Tokens that were narrowed to a name before anything was known of it are for the first repository that has it, and stay with that one
 * whatever either is called later.
 */
async function bindTokens(db: Executor, { id, fullName }: RepositoryFacts): Promise<void> {
  const name = fullName.toLowerCase();
  await sql`
    update api_tokens set repositories = array_replace(repositories, ${name}::text, ${narrowedText({ name, id })}::text)
    where ${name} = any(repositories)`.execute(db);
}

/** The repository that has this name, in any case, as far as it is known here: the one that was heard of last. */
export async function repositoryIdNamed(db: Executor, fullName: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from (
      select id, missing_since is not null as missing, updated_at from repositories
        where lower(full_name) = lower(${fullName})
      union all
      select repository_id, true, updated_at from environments where lower(repository_full_name) = lower(${fullName})
        and not exists (select 1 from repositories where repositories.id = environments.repository_id)
    ) named order by missing, updated_at desc limit 1`.execute(db);
  return rows[0]?.id;
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
