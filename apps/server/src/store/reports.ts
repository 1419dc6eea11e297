import type { Executor } from './database.ts';

export interface ReportState {
  readonly commentId: number | null;
  readonly lastEventId: number;
  readonly lastStatus: string | null;
}

export async function reportState(db: Executor, repositoryId: number, prNumber: number): Promise<ReportState> {
  const row = await db
    .selectFrom('reports')
    .select(['commentId', 'lastEventId', 'lastStatus'])
    .where('repositoryId', '=', repositoryId)
    .where('prNumber', '=', prNumber)
    .executeTakeFirst();
  return row ?? { commentId: null, lastEventId: 0, lastStatus: null };
}

export async function saveReportState(
  db: Executor,
  repositoryId: number,
  prNumber: number,
  state: ReportState,
): Promise<void> {
  await db
    .insertInto('reports')
    .values({ repositoryId, prNumber, ...state })
    .onConflict((conflict) => conflict.columns(['repositoryId', 'prNumber']).doUpdateSet(state))
    .execute();
}
