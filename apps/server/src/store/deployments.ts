import { sql } from 'kysely';
import type { Executor } from './database.ts';
import type { Deployment } from './schema.ts';

const unfinished = ['queued', 'in_progress'] as const;

export async function queueDeployment(db: Executor, environmentId: number, commitSha: string): Promise<void> {
  await db.insertInto('deployments').values({ environmentId, commitSha }).execute();
}

/** As `queueDeployment`, unless a record of this commit is queued or in progress: that one goes on. */
export async function queueDeploymentOnce(db: Executor, environmentId: number, commitSha: string): Promise<void> {
  const unfinishedOne = db
    .selectFrom('deployments')
    .select('id')
    .where('environmentId', '=', environmentId)
    .where('commitSha', '=', commitSha)
    .where('status', 'in', unfinished);
  if (!(await unfinishedOne.executeTakeFirst())) await queueDeployment(db, environmentId, commitSha);
}

/** The newest record of this commit goes on; unfinished ones of other commits will never be finished. */
export async function startDeployment(db: Executor, environmentId: number, commitSha: string): Promise<void> {
  await supersedeDeployments(db, environmentId, { except: commitSha });
  await db
    .updateTable('deployments')
    .set({ status: 'in_progress', startedAt: sql<Date>`coalesce(started_at, now())`, updatedAt: sql<Date>`now()` })
    .where('environmentId', '=', environmentId)
    .where('commitSha', '=', commitSha)
    .where('status', 'in', unfinished)
    .execute();
}

export async function finishDeployment(
  db: Executor,
  environmentId: number,
  commitSha: string,
  error?: string,
): Promise<void> {
  await db
    .updateTable('deployments')
    .set({
      status: error === undefined ? 'success' : 'failed',
      errorMessage: error ?? null,
      completedAt: sql<Date>`now()`,
      updatedAt: sql<Date>`now()`,
    })
    .where('environmentId', '=', environmentId)
    .where('commitSha', '=', commitSha)
    .where('status', 'in', unfinished)
    .execute();
}

export async function supersedeDeployments(
  db: Executor,
  environmentId: number,
  { except }: { except?: string } = {},
): Promise<void> {
  let query = db
    .updateTable('deployments')
    .set({ status: 'superseded', completedAt: sql<Date>`now()`, updatedAt: sql<Date>`now()` })
    .where('environmentId', '=', environmentId)
    .where('status', 'in', unfinished);
  if (except !== undefined) query = query.where('commitSha', '!=', except);
  await query.execute();
}

/** How many deployments of one environment are read at most. */
export const mostDeployments = 200;

/** The newest ones, oldest first. */
export async function deploymentsOf(db: Executor, environmentId: number): Promise<Deployment[]> {
  const newest = await db
    .selectFrom('deployments')
    .selectAll()
    .where('environmentId', '=', environmentId)
    .orderBy('id', 'desc')
    .limit(mostDeployments)
    .execute();
  return newest.toReversed();
}
