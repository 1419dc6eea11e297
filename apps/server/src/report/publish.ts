import type { GitHub } from '@ephemera/github';
import { parsePullRequestKey } from '../environment/transition.ts';
import type { Database } from '../store/database.ts';
import { generations } from '../store/environments.ts';
import { statusEventsAfter } from '../store/events.ts';
import { reportState, saveReportState } from '../store/reports.ts';
import { done } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';
import { commentMarker, renderComment } from './comment.ts';
import { statusesFor, statusKey } from './statuses.ts';

/**
 * Work of kind `report`: brings commit status and comment of one pull request up to what the rows say. Nothing waits for it:
 * an environment is ready, and is removed, whether GitHub answers or not.
 */
export function publishReport({ db, github }: { db: Database; github: GitHub }): Handler {
  return async (claim) => {
    const { repositoryId, prNumber } = parsePullRequestKey(claim.key);
    const told = await reportState(db, repositoryId, prNumber);
    const events = await statusEventsAfter(db, repositoryId, prNumber, told.lastEventId);
    const [environment, ...earlier] = await generations(db, repositoryId, prNumber);
    if (!environment) return done();
    const repository = { installationId: environment.installationId, fullName: environment.repositoryFullName };

    // Generations share their commits. What becomes of an earlier one says nothing about the commit any more: the comment tells of it.
    const current = events.filter(({ environmentId }) => environmentId === environment.id);
    let state = { ...told, lastEventId: events.at(-1)?.id ?? told.lastEventId };
    for (const status of statusesFor(current, { url: environment.environmentUrl, told: told.lastStatus })) {
      claim.assertHeld();
      await github.setCommitStatus(repository, status, claim.signal);
      state = { ...state, lastStatus: statusKey(status) };
    }
    // Remembered before the comment is tried: where comments are refused, the statuses are not said again with every attempt.
    await claim.write((tx) => saveReportState(tx, repositoryId, prNumber, state));

    claim.assertHeld();
    const comment = { number: prNumber, id: told.commentId ?? undefined, marker: commentMarker };
    const body = renderComment(environment, earlier);
    const commentId = await github.stickyComment(repository, { ...comment, body }, claim.signal);
    if (commentId !== told.commentId) {
      await claim.write((tx) => saveReportState(tx, repositoryId, prNumber, { ...state, commentId }));
    }
    return done();
  };
}
