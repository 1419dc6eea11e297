import { sql } from 'kysely';
import type { Executor } from './database.ts';

/** The ways in which a pull request is told something, by the permission that each needs. */
export type WayName = 'statuses' | 'issues' | 'checks';

/** What one pull request was told so far. */
export interface ReportState {
  readonly commentId: number | null;
  readonly lastEventId: number;
  readonly lastStatus: string | null;
  readonly checkRunId: number | null;
  readonly checkRunSha: string | null;
  /** Hash of the comment as it was written last. */
  readonly lastComment: string | null;
  /** Hash of the check run as it was written last. */
  readonly lastCheckRun: string | null;
  /** What GitHub refuses for want of a permission. */
  readonly refused: readonly WayName[];
}

const nothingTold: ReportState = {
  commentId: null,
  lastEventId: 0,
  lastStatus: null,
  checkRunId: null,
  checkRunSha: null,
  lastComment: null,
  lastCheckRun: null,
  refused: [],
};

export async function reportState(db: Executor, repositoryId: number, prNumber: number): Promise<ReportState> {
  const row = await db
    .selectFrom('reports')
    .select([
      'commentId',
      'lastEventId',
      'lastStatus',
      'checkRunId',
      'checkRunSha',
      'lastComment',
      'lastCheckRun',
      'refused',
    ])
    .where('repositoryId', '=', repositoryId)
    .where('prNumber', '=', prNumber)
    .executeTakeFirst();
  return row ? { ...row, refused: row.refused as WayName[] } : nothingTold;
}

export async function saveReportState(
  db: Executor,
  repositoryId: number,
  prNumber: number,
  state: ReportState,
): Promise<void> {
  const row = { ...state, refused: [...state.refused] };
  await db
    .insertInto('reports')
    .values({ repositoryId, prNumber, ...row })
    .onConflict((conflict) => conflict.columns(['repositoryId', 'prNumber']).doUpdateSet(row))
    .execute();
}

/** How long ago something was, by the database's clock, which wrote it. */
export async function agoMs(db: Executor, at: Date): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp() - ${at}::timestamptz) * 1000)::float8 as ms`.execute(db);
  return rows[0]?.ms ?? 0;
}
