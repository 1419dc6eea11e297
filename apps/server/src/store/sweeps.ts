import { sql } from 'kysely';
import type { Executor } from './database.ts';
import type { Sweep, SweepFinding } from './schema.ts';

/** The key of the work that comes back by itself. A sweep that a person asked for has the id of its row. */
export const scheduledSweep = 'scheduled';

/** Sees to it that the database has its regular sweep. What is there keeps its time. */
export async function ensureScheduledSweep(db: Executor): Promise<void> {
  await db
    .insertInto('work')
    .values({ kind: 'sweep', key: scheduledSweep })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function sweepById(db: Executor, id: number): Promise<Sweep | undefined> {
  return db.selectFrom('sweeps').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The newest pass, whoever asked for it and however far it is. */
export async function latestSweep(db: Executor): Promise<Sweep | undefined> {
  return db.selectFrom('sweeps').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst();
}

/** Newest first, whoever asked for them. */
export async function listSweeps(db: Executor, limit: number): Promise<Sweep[]> {
  return db.selectFrom('sweeps').selectAll().orderBy('id', 'desc').limit(limit).execute();
}

/** The newest pass before this one that read everything to its end. */
export async function completeSweepBefore(db: Executor, id: number): Promise<Sweep | undefined> {
  return db
    .selectFrom('sweeps')
    .selectAll()
    .where('id', '<', id)
    .where('complete', '=', true)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The newest pass before this one that went to its end, whatever it could not read. */
export async function doneSweepBefore(db: Executor, id: number): Promise<Sweep | undefined> {
  return db
    .selectFrom('sweeps')
    .selectAll()
    .where('id', '<', id)
    .where('state', '=', 'done')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** A regular pass that still runs when the next one begins was cut off with its server: only one runs at a time. */
export async function beginScheduledSweep(db: Executor): Promise<Sweep> {
  await db
    .updateTable('sweeps')
    .set({ state: 'failed', complete: false, error: 'The server ended before the pass did.', finishedAt: sql`now()` })
    .where('askedBy', '=', 'schedule')
    .where('state', '=', 'running')
    .execute();
  return db
    .insertInto('sweeps')
    .values({ askedBy: 'schedule', state: 'running', startedAt: sql<string>`now()` })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Undefined when the row is gone, or the pass is over. */
export async function beginAskedSweep(db: Executor, id: number): Promise<Sweep | undefined> {
  return db
    .updateTable('sweeps')
    .set({ state: 'running', startedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .where('state', 'in', ['waiting', 'running'])
    .returningAll()
    .executeTakeFirst();
}

export interface SweepResult {
  readonly complete: boolean;
  readonly capped: boolean;
  readonly findings: readonly SweepFinding[];
}

export async function finishSweep(db: Executor, id: number, result: SweepResult): Promise<void> {
  const { complete, capped, findings } = result;
  await db
    .updateTable('sweeps')
    .set({ state: 'done', complete, capped, findings: JSON.stringify(findings), finishedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

export async function failSweep(db: Executor, id: number, error: string): Promise<void> {
  await db
    .updateTable('sweeps')
    .set({ state: 'failed', complete: false, error, finishedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

/** Keeps the newest `keep` passes. */
export async function pruneSweeps(db: Executor, keep: number): Promise<void> {
  await sql`
    delete from sweeps where state in ('done', 'failed') and id <= (
      select id from sweeps order by id desc offset ${keep} limit 1)`.execute(db);
}
