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

export interface PullRequestRef {
  readonly repositoryId: number;
  readonly prNumber: number;
}

/**
 * The pull requests of one installation or repository that GitHub may not know the latest of: those with an open environment, with a
 * state change that was not told, or with a way of telling that was refused. In the order of their newest environments, which is that of
 * `openEnvironments`: whoever enqueues work for many locks it in one order.
 */
export async function pullRequestsToTell(
  db: Executor,
  of: { readonly repositoryId: number } | { readonly installationId: number },
): Promise<readonly PullRequestRef[]> {
  const theirs =
    'repositoryId' in of ? sql`repository_id = ${of.repositoryId}` : sql`installation_id = ${of.installationId}`;
  const { rows } = await sql<PullRequestRef>`
    with newest as (
      select repository_id, pr_number, max(id) as id, bool_or(wanted_state = 'open') as open
      from environments where ${theirs} group by repository_id, pr_number
    )
    select newest.repository_id, newest.pr_number
    from newest left join reports using (repository_id, pr_number)
    where newest.open or reports.refused <> '{}' or exists (
      select 1 from environments join events on events.environment_id = environments.id
      where environments.repository_id = newest.repository_id and environments.pr_number = newest.pr_number
        and events.kind = 'status' and events.id > coalesce(reports.last_event_id, 0))
    order by newest.id`.execute(db);
  return rows;
}

/** How long ago something was, by the database's clock, which wrote it. */
export async function agoMs(db: Executor, at: Date): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp() - ${at}::timestamptz) * 1000)::float8 as ms`.execute(db);
  return rows[0]?.ms ?? 0;
}
