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

/** A step that is done, and how many milliseconds before the transaction began. */
export interface FinishedStep {
  readonly name: string;
  readonly agoMs: number;
}

/**
 * In the order given. Each is recorded once since the environment entered the state that it is in, however often it runs in it: a
 * namespace that is made again passes its steps again. Only the holder of the environment's work writes here, so nothing comes between
 * looking and writing.
 */
export async function recordSteps(
  db: Executor,
  { environmentId, commitSha }: Pick<NewEvent, 'environmentId' | 'commitSha'>,
  steps: readonly FinishedStep[],
): Promise<void> {
  if (steps.length === 0) return;
  await sql`
    insert into events (environment_id, commit_sha, kind, name, at)
    select ${environmentId}, ${commitSha}, 'step', step.name, now() - step.ago_ms * interval '1 ms'
    from unnest(${steps.map(({ name }) => name)}::text[], ${steps.map(({ agoMs }) => agoMs)}::float8[])
      with ordinality as step (name, ago_ms, place)
    where not exists (
      select 1 from events
      where environment_id = ${environmentId} and kind = 'step' and events.name = step.name and id > coalesce(
        (select max(id) from events where environment_id = ${environmentId} and kind = 'status'), 0))
    order by step.place`.execute(db);
}

/** How many milliseconds ago the environment got any further: into another state, or past a step. Zero when it never did. */
export async function standsStillMs(db: Executor, environmentId: number): Promise<number> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from now() - max(at)) * 1000)::float8 as ms
    from events where environment_id = ${environmentId} and kind in ('status', 'step')`.execute(db);
  return Math.max(0, rows[0]?.ms ?? 0);
}

/**
 * Something that people should know and that changes no state. The same sentence is recorded once since the environment entered the
 * state that it is in: two programs that set an object back in turn, ours and somebody else's, would fill the timeline with it for ever.
 */
export async function recordNote(db: Executor, event: NewEvent & { name: string; message: string }): Promise<void> {
  const { environmentId, commitSha, name, message } = event;
  await sql`
    insert into events (environment_id, commit_sha, kind, name, message)
    select ${environmentId}, ${commitSha}, 'note', ${name}, ${message}
    where not exists (
      select 1 from events
      where environment_id = ${environmentId} and kind = 'note' and name = ${name} and message = ${message}
        and id > coalesce((select max(id) from events where environment_id = ${environmentId} and kind = 'status'), 0)
    )`.execute(db);
}

/** How many events of one environment are read at most: years of pushes, and nothing that a server cannot hold. */
export const longestTimeline = 500;

/** The newest events of an environment, oldest first. Where there are more than `longestTimeline`, the first one is a note that says so. */
export async function timeline(db: Executor, environmentId: number): Promise<TimelineEvent[]> {
  const newest = await db
    .selectFrom('events')
    .selectAll()
    .where('environmentId', '=', environmentId)
    .orderBy('id', 'desc')
    .limit(longestTimeline + 1)
    .execute();
  const events = newest.toReversed();
  const [cut] = events;
  if (!cut || events.length <= longestTimeline) return events;
  const message = `What happened up to here is left out: only the newest ${longestTimeline} events are shown.`;
  return [{ ...cut, kind: 'note', name: 'earlier_events', message }, ...events.slice(1)];
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
