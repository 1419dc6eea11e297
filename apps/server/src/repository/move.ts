import type { RepositoryRef } from '@ephemera/github';
import { enqueueEnvironment, enqueueReport, parsePullRequestKey } from '../environment/transition.ts';
import type { Executor } from '../store/database.ts';
import { moveEnvironments, openEnvironments } from '../store/environments.ts';
import { pullRequestsToTell } from '../store/reports.ts';
import { repositoryById, saveRepository } from '../store/repositories.ts';
import { enqueue } from '../store/work.ts';

/**
 * Writes down where a repository is now, for itself and for its environments, and looks again at what waits under its old name.
 * Returns whether anything was different.
 */
export async function move(tx: Executor, id: number, place: RepositoryRef): Promise<boolean> {
  const known = await repositoryById(tx, id);
  const moved = known?.fullName !== place.fullName || known.installationId !== place.installationId;
  if (moved) {
    const fairKey = String(id);
    const hint = { installationId: place.installationId, repositoryFullName: place.fullName };
    for (const { key } of await waitingPullRequests(tx, id))
      await enqueue(tx, { kind: 'pull-request', key, hint, fairKey });
    // The namespace's label has the repository's name.
    for (const environment of await openEnvironments(tx, { repositoryId: id }))
      await enqueueEnvironment(tx, environment);
    for (const pullRequest of await pullRequestsToTell(tx, { repositoryId: id })) await enqueueReport(tx, pullRequest);
    await moveEnvironments(tx, id, place);
  }
  await saveRepository(tx, { id, ...place });
  return moved;
}

async function waitingPullRequests(tx: Executor, id: number): Promise<{ key: string }[]> {
  return tx
    .selectFrom('work')
    .select('key')
    .where('kind', '=', 'pull-request')
    .where('key', 'like', `${id}/%`)
    .orderBy('key')
    .execute();
}

/** The numbers of the repository's pull requests that will be looked at anyway. What is parked waits for an event, so it is none. */
export async function pullRequestsInWork(db: Executor, id: number): Promise<ReadonlySet<number>> {
  const rows = await db
    .selectFrom('work')
    .select('key')
    .where('kind', '=', 'pull-request')
    .where('key', 'like', `${id}/%`)
    .where('parkedAt', 'is', null)
    .execute();
  return new Set(rows.map(({ key }) => parsePullRequestKey(key).prNumber));
}
