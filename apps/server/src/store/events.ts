import { sql } from 'kysely';
import type { EnvironmentStatus } from '@ephemera/model';
import type { Executor } from './database.ts';
import type { TimelineEvent } from './schema.ts';

interface NewEvent {
  readonly environmentId: number;
  readonly commitSha: string;
  readonly message?: string | null;
}

export async function recordStatus(db: Executor, event: NewEvent & { status: EnvironmentStatus }): Promise<void> {
  const { status, message = null, ...rest } = event;
  await db
    .insertInto('events')
    .values({ ...rest, kind: 'status', name: status, message })
    .execute();
}

/**
 * Recorded once since the environment entered the state that it is in, however often the step runs in it: a namespace that is made
 * again passes its steps again. Only the holder of the environment's work writes here, so nothing comes between looking and writing.
 */
export async function recordStep(db: Executor, event: NewEvent & { step: string }): Promise<void> {
  const { step, message = null, environmentId, commitSha } = event;
  await sql`
    insert into events (environment_id, commit_sha, kind, name, message)
    select ${environmentId}, ${commitSha}, 'step', ${step}, ${message}
    where not exists (
      select 1 from events
      where environment_id = ${environmentId} and kind = 'step' and name = ${step} and id > coalesce(
        (select max(id) from events where environment_id = ${environmentId} and kind = 'status'), 0))`.execute(db);
}

/** Something that people should know and that changes no state. */
export async function recordNote(db: Executor, event: NewEvent & { name: string; message: string }): Promise<void> {
  await db
    .insertInto('events')
    .values({ ...event, kind: 'note' })
    .execute();
}

/** Oldest first. */
export async function timeline(db: Executor, environmentId: number): Promise<TimelineEvent[]> {
  return db.selectFrom('events').selectAll().where('environmentId', '=', environmentId).orderBy('id').execute();
}

/** The state changes of one pull request, over all its generations, after event `after`. Oldest first. */
export async function statusEventsAfter(
  db: Executor,
  repositoryId: number,
  prNumber: number,
  after: number,
): Promise<TimelineEvent[]> {
  return db
    .selectFrom('events')
    .innerJoin('environments', 'environments.id', 'events.environmentId')
    .selectAll('events')
    .where('environments.repositoryId', '=', repositoryId)
    .where('environments.prNumber', '=', prNumber)
    .where('events.kind', '=', 'status')
    .where('events.id', '>', after)
    .orderBy('events.id')
    .execute();
}
