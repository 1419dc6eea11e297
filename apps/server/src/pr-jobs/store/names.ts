import { sql } from 'kysely';
import type { Executor } from '../../store/database.ts';

/** A name in one namespace of one cluster. */
export interface NamePlace {
  /** As `Clusters.locate` says; empty for the server's own. */
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

export interface NameClaim extends NamePlace {
  /** Null: the caller is not narrowed to repositories, and uses the name whoever it belongs to. */
  readonly repositoryId: number | null;
  readonly repositoryFullName: string | null;
  readonly claimedBy: string;
}

/** A name that one request has taken, or uses. */
export interface ClaimedName {
  /** Nobody had it before. */
  readonly isNew: boolean;
  /** When it was used last: now. To the microsecond, as the database has it. */
  readonly usedAt: string;
}

/**
 * Takes a name, or uses one that is taken already. Undefined when it belongs to another repository than the one that asks, or to nobody
 * who is narrowed to one. To be called before anything of that name is made, as the sweep looks only where a row is.
 */
export async function claimName(db: Executor, claim: NameClaim): Promise<ClaimedName | undefined> {
  const { cluster, namespace, name, repositoryId, repositoryFullName, claimedBy } = claim;
  const { rows } = await sql<ClaimedName>`
    insert into pr_job_names (cluster, namespace, name, repository_id, repository_full_name, claimed_by)
    values (${cluster}, ${namespace}, ${name}, ${repositoryId}, ${repositoryFullName}, ${claimedBy})
    on conflict (cluster, namespace, name) do update set used_at = now()
    where excluded.repository_id is null or pr_job_names.repository_id = excluded.repository_id
    -- A row that this very statement has inserted was never locked by anybody.
    returning xmax = 0 as is_new, used_at::text as used_at`.execute(db);
  return rows[0];
}

/** Gives back a name under which nothing was made, unless somebody else has used it since. */
export async function releaseName(
  db: Executor,
  { cluster, namespace, name }: NamePlace,
  { isNew, usedAt }: ClaimedName,
): Promise<void> {
  if (!isNew) return;
  await sql`
    delete from pr_job_names
    where cluster = ${cluster} and namespace = ${namespace} and name = ${name} and used_at = ${usedAt}::timestamptz`.execute(
    db,
  );
}

/** Whose a name is. Undefined: nobody's, as nothing has it. */
export async function nameOf(
  db: Executor,
  { cluster, namespace, name }: NamePlace,
): Promise<{ readonly repositoryId: number | null } | undefined> {
  return db
    .selectFrom('prJobNames')
    .select('repositoryId')
    .where('cluster', '=', cluster)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst();
}
