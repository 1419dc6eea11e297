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
  /** Whose it is, which need not be the one who asks. Null: nobody's who is narrowed to repositories. */
  readonly repositoryId: number | null;
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
    returning xmax = 0 as is_new, used_at::text as used_at, repository_id`.execute(db);
  return rows[0];
}

/**
 * Uses it once more, right before something is made that nobody would find without the row. Undefined when it is gone, or somebody else's
 * by now. What it returns takes the place of `claim`.
 */
export async function touchName(
  db: Executor,
  { cluster, namespace, name }: NamePlace,
  { isNew, usedAt, repositoryId }: ClaimedName,
): Promise<ClaimedName | undefined> {
  const { rows } = await sql<{ usedAt: string; isAlone: boolean }>`
    with before as (
      select used_at from pr_job_names
      where cluster = ${cluster} and namespace = ${namespace} and name = ${name}
        and repository_id is not distinct from ${repositoryId}::bigint
      for update
    )
    update pr_job_names set used_at = now() from before
    where cluster = ${cluster} and namespace = ${namespace} and name = ${name}
    returning pr_job_names.used_at::text as used_at, before.used_at = ${usedAt}::timestamptz as is_alone`.execute(db);
  const [row] = rows;
  // Whoever has used it since may have made something under it.
  return row && { isNew: isNew && row.isAlone, usedAt: row.usedAt, repositoryId };
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

/**
 * Gives back a name of which nothing is left, unless a create has used it since `usedAt`, or may still be at work. False: it stays, for the
 * sweep.
 */
export async function giveUpName(
  db: Executor,
  { cluster, namespace, name }: NamePlace,
  { usedAt, settledAfterMs }: { readonly usedAt: string; readonly settledAfterMs: number },
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    delete from pr_job_names
    where cluster = ${cluster} and namespace = ${namespace} and name = ${name}
      and used_at = ${usedAt}::timestamptz and used_at < now() - ${settledAfterMs} * interval '1 ms'`.execute(db);
  return numAffectedRows > 0n;
}

export interface NameInUse {
  readonly repositoryId: number | null;
  /** When a create last used it, to the microsecond. */
  readonly usedAt: string;
}

/** Whose a name is. Undefined: nobody's, as nothing has it. */
export async function nameOf(db: Executor, { cluster, namespace, name }: NamePlace): Promise<NameInUse | undefined> {
  return db
    .selectFrom('prJobNames')
    .select(['repositoryId', sql<string>`used_at::text`.as('usedAt')])
    .where('cluster', '=', cluster)
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .executeTakeFirst();
}
