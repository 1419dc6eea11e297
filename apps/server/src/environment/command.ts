import type { Database } from '../store/database.ts';
import { queueDeploymentOnce } from '../store/deployments.ts';
import { environmentById, latestEnvironment, releaseHold, updateEnvironment } from '../store/environments.ts';
import { repositoryById } from '../store/repositories.ts';
import type { Environment } from '../store/schema.ts';
import { enqueue } from '../store/work.ts';
import { retryAsked } from './decide.ts';
import { end } from './ending.ts';
import { enqueueEnvironment, enqueueReport, pullRequestKey } from './transition.ts';

/**
 * Removes an environment although its pull request may be open. Nothing brings it back but a push, a reopening or a retry.
 * One that has ended already stays as it is. Returns the row; undefined when there is none of that id.
 */
export async function destroyByHand(db: Database, id: number): Promise<Environment | undefined> {
  return db.transaction().execute(async (tx) => {
    const environment = await environmentById(tx, id);
    if (environment?.wantedState !== 'open') return environment;
    // GitHub is told with the change of state that follows at once.
    await end(tx, environment, 'environment.held');
    return environmentById(tx, id);
  });
}

export interface Retried {
  readonly environment: Environment;
  /**
   * `steps`: they run again for the wanted commit. `removal`: it is tried again at once. `generation`: the pull request is looked at, and
   * gets a new environment if it is open. `nothing`: there is nothing that a retry could change.
   */
  readonly did: 'steps' | 'removal' | 'generation' | 'nothing';
}

/** Tries again what failed, or gives up that an environment is held. Undefined when there is none of that id. */
export async function retry(db: Database, id: number): Promise<Retried | undefined> {
  return db.transaction().execute(async (tx) => {
    const before = await environmentById(tx, id);
    if (!before) return undefined;
    const { repositoryId, prNumber } = before;
    // All work first, whatever the row says in a moment: it may be held only then, and looking once more is harmless. A row that is
    // destroyed does not move with its repository, so where to ask is what is known of that.
    const place = (await repositoryById(tx, repositoryId)) ?? { ...before, fullName: before.repositoryFullName };
    await enqueue(tx, {
      kind: 'pull-request',
      key: pullRequestKey(repositoryId, prNumber),
      hint: { installationId: place.installationId, repositoryFullName: place.fullName },
      fairKey: String(repositoryId),
    });
    await enqueueEnvironment(tx, before);
    await enqueueReport(tx, before);
    await tx.selectFrom('environments').select('id').where('id', '=', id).forUpdate().execute();
    const environment = (await environmentById(tx, id)) ?? before;
    if (environment.held && (await latestEnvironment(tx, repositoryId, prNumber))?.id === id) {
      await releaseHold(tx, repositoryId, prNumber);
      return { environment: { ...environment, held: false }, did: 'generation' };
    }
    if (environment.status !== 'failed') return { environment, did: 'nothing' };
    if (environment.wantedState === 'closed') return { environment, did: 'removal' };
    await queueDeploymentOnce(tx, id, environment.wantedSha);
    const because = { reason: retryAsked, errorMessage: 'Somebody asked for another try.' };
    return { environment: await updateEnvironment(tx, id, because), did: 'steps' };
  });
}
