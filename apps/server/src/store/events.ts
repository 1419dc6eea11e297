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

/** Recorded once for each commit, however often the step runs. */
export async function recordStep(db: Executor, event: NewEvent & { step: string }): Promise<void> {
  const { step, message = null, ...rest } = event;
  await db
    .insertInto('events')
    .values({ ...rest, kind: 'step', name: step, message })
    .onConflict((conflict) =>
      conflict.columns(['environmentId', 'commitSha', 'name']).where('kind', '=', 'step').doNothing(),
    )
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
