import { sql, type Insertable } from 'kysely';
import type { Executor } from '../../store/database.ts';
import type { PrJobEvent, Tables } from '../../store/schema.ts';

export type NewPrJobEvent = Omit<Insertable<Tables['prJobEvents']>, 'at'>;

export async function recordPrJobEvent(db: Executor, event: NewPrJobEvent): Promise<void> {
  await db.insertInto('prJobEvents').values(event).execute();
}

/**
 * Records that somebody looked, once an hour: for each job, or, when it was refused, for each reason, as whoever tries names would fill
 * the table otherwise. Two at once may both be recorded.
 */
export async function recordPrJobRead(db: Executor, event: NewPrJobEvent): Promise<void> {
  const { caller, action, outcome, cluster, namespace, name, jobName = null, code = null } = event;
  const { clusterName = null, repositoryId = null, message = null } = event;
  const isSame =
    outcome === 'refused'
      ? sql`code is not distinct from ${code}`
      : sql`cluster = ${cluster} and namespace = ${namespace} and name = ${name} and job_name is not distinct from ${jobName}`;
  await sql`
    insert into pr_job_events (caller, action, outcome, cluster, cluster_name, namespace, name, job_name, repository_id, code, message)
    select ${caller}, ${action}, ${outcome}, ${cluster}, ${clusterName}, ${namespace}, ${name}, ${jobName},
      ${repositoryId}::bigint, ${code}, ${message}
    where not exists (
      select 1 from pr_job_events
      where at > now() - interval '1 hour' and caller = ${caller} and action = ${action} and outcome = ${outcome} and ${isSame}
    )`.execute(db);
}

export interface EventsQuery {
  readonly namespace: string;
  readonly name: string;
  /** Only events before the one with this id. */
  readonly before?: number | undefined;
  /** Default: of all repositories, and of none. */
  readonly repositoryIds?: readonly number[] | undefined;
}

/** How many are read at once. */
export const mostPrJobEvents = 100;

/** Newest first. */
export async function prJobEvents(db: Executor, query: EventsQuery): Promise<PrJobEvent[]> {
  const { namespace, name, before, repositoryIds } = query;
  return db
    .selectFrom('prJobEvents')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .$if(before !== undefined, (rows) => rows.where('id', '<', before ?? 0))
    .$if(repositoryIds !== undefined, (rows) => rows.where('repositoryId', '=', sql<number>`any(${repositoryIds})`))
    .orderBy('id', 'desc')
    .limit(mostPrJobEvents)
    .execute();
}
