import type { EnvironmentStatus } from '@ephemera/model';
import type { Updateable } from 'kysely';
import type { Executor } from '../store/database.ts';
import { updateEnvironment } from '../store/environments.ts';
import { recordStatus } from '../store/events.ts';
import type { Environment, Tables } from '../store/schema.ts';
import { enqueue, type Enqueue } from '../store/work.ts';

export interface Transition extends Omit<
  Updateable<Tables['environments']>,
  'status' | 'commitSha' | 'reason' | 'errorMessage'
> {
  readonly status: EnvironmentStatus;
  readonly commitSha?: string;
  /** A code and a sentence, for states that need an explanation. Without it, what was said before is cleared. */
  readonly because?: { readonly reason: string; readonly message: string };
}

/**
 * The only way into another state: row, timeline and the report to GitHub change together.
 * Staying in a state, with a newer explanation, is no event: the row says it, and GitHub hears of it when the reason is another one.
 */
export async function transition(
  tx: Executor,
  environment: Environment,
  { because, ...change }: Transition,
): Promise<Environment> {
  const explained = { ...change, reason: because?.reason ?? null, errorMessage: because?.message ?? null };
  const commitSha = change.commitSha ?? environment.commitSha;
  const stays = environment.status === change.status && environment.commitSha === commitSha;
  if (stays && environment.errorMessage === explained.errorMessage) return environment;
  // The report's row is locked before the event gets its number: events of one pull request commit in the order of their numbers,
  // so a report that has read up to one of them has missed none before it.
  if (!stays || environment.reason !== explained.reason) await enqueueReport(tx, environment);
  if (!stays) {
    await recordStatus(tx, {
      environmentId: environment.id,
      commitSha,
      status: change.status,
      message: explained.errorMessage,
    });
  }
  return updateEnvironment(tx, environment.id, explained);
}

export async function enqueueEnvironment(
  tx: Executor,
  environment: Pick<Environment, 'id' | 'repositoryId'> & Partial<Pick<Environment, 'ownerId'>>,
): Promise<void> {
  await enqueue(tx, { kind: 'environment', key: String(environment.id), ...fairness(environment) });
}

export async function enqueueReport(
  tx: Executor,
  environment: Pick<Environment, 'repositoryId' | 'prNumber'> & Partial<Pick<Environment, 'ownerId'>>,
): Promise<void> {
  const { repositoryId, prNumber } = environment;
  await enqueue(tx, { kind: 'report', key: pullRequestKey(repositoryId, prNumber), ...fairness(environment) });
}

/** By whom the queue takes turns: the repository, and the author where it is at hand; a row keeps the one that it has. */
function fairness({
  repositoryId,
  ownerId,
}: {
  repositoryId: number;
  ownerId?: number;
}): Pick<Enqueue, 'fairKey' | 'fairAuthor'> {
  return { fairKey: String(repositoryId), fairAuthor: ownerId === undefined ? undefined : `owner ${ownerId}` };
}

/** How work names a pull request. The repository's id survives a rename; its name does not. */
export function pullRequestKey(repositoryId: number, prNumber: number): string {
  return `${repositoryId}/${prNumber}`;
}

export function parsePullRequestKey(key: string): { repositoryId: number; prNumber: number } {
  const [repositoryId, prNumber] = key.split('/').map(Number);
  if (
    repositoryId === undefined ||
    prNumber === undefined ||
    !Number.isSafeInteger(repositoryId) ||
    !Number.isSafeInteger(prNumber)
  ) {
    throw new TypeError(`not the key of a pull request: ${key}`);
  }
  return { repositoryId, prNumber };
}
