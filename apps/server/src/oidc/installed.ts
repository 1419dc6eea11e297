import { githubErrors, type GitHub } from '@ephemera/github';
import { EphemeraError, messageOf } from '@ephemera/model';
import type { Logger } from 'pino';
import type { Database } from '../store/database.ts';
import { installationById, isInstalledAt } from '../store/installations.ts';
import { repositoryById } from '../store/repositories.ts';
import type { Installation } from '../store/schema.ts';
import { createAnswers } from './answers.ts';
import type { WorkflowRun } from './claims.ts';
import { OidcGitHubBusy, OidcGitHubUnavailable } from './errors.ts';
import { seldom } from './seldom.ts';
import { createTurns } from './turns.ts';

export type Installed = 'active' | 'suspended' | 'absent';

export interface InstalledOptions {
  readonly db: Database;
  readonly github: GitHub;
  readonly log: Pick<Logger, 'warn'>;
  /** In milliseconds, never backwards. Default: this process's. */
  readonly now?: () => number;
}

/** Somebody who has just installed the App should not wait for long; somebody who removes it is heard of by webhook. */
const keepMs = { active: 3 * 60_000, suspended: 60_000, absent: 60_000 } as const;
const mostKept = 1_000;
/** For both questions together. */
const githubMs = 10_000;

/**
 * Whether the App is installed on the repository that has this id. What webhooks and sweeps have written down is enough for a yes;
 * everything else is asked of GitHub, so often and no more. Throws `oidc.github_unavailable` or `oidc.github_busy`.
 */
export function createInstalled({ db, github, log, now }: InstalledOptions): (run: WorkflowRun) => Promise<Installed> {
  const answers = createAnswers<Installed>({ most: mostKept, keepMs: (answer) => keepMs[answer], ...(now && { now }) });
  const turns = createTurns(now);
  const withApp = new Set<number>();
  const warn = seldom(
    (error: unknown, repository: string) => {
      log.warn({ err: messageOf(error), repository }, 'whether the App is installed could not be asked');
    },
    { now },
  );
  const askInTurn = async (run: WorkflowRun): Promise<Installed> => {
    const { ownerId, repository } = run;
    const isKnown = withApp.has(ownerId) || (await isInstalledAt(db, ownerOf(repository.fullName)));
    const turn = turns({ ownerId, isKnown });
    if ('retryAfterSeconds' in turn)
      throw new OidcGitHubBusy({ repository: repository.fullName, retryAfterSeconds: turn.retryAfterSeconds });
    using _asking = turn;
    const answer = await askGitHub(github, run);
    if (answer === 'active') withApp.add(ownerId);
    const [oldest] = withApp;
    if (withApp.size > mostKept && oldest !== undefined) withApp.delete(oldest);
    return answer;
  };
  return async (run) => {
    const { id, fullName } = run.repository;
    const known = await knownInstallation(db, id);
    if (known && covers(known, fullName)) return 'active';
    // What is written down is part of the key: a suspension that was heard of ends the answer of before.
    const key = `${id} ${fullName.toLowerCase()} ${known?.id} ${known?.state}`;
    return answers(key, () =>
      askInTurn(run).catch((error: unknown) => {
        if (error instanceof OidcGitHubBusy) warn(error, fullName);
        if (!isGitHubs(error)) throw error;
        warn(error, fullName);
        throw new OidcGitHubUnavailable({ repository: fullName }, { cause: error });
      }),
    );
  };
}

/** None where the repository was not seen lately: it may have left the installation. */
async function knownInstallation(db: Database, repositoryId: number): Promise<Installation | undefined> {
  const repository = await repositoryById(db, repositoryId);
  if (!repository || repository.missingSince) return undefined;
  return installationById(db, repository.installationId);
}

const ownerOf = (fullName: string): string => fullName.slice(0, fullName.indexOf('/'));

/** A repository of another account than the installation's was transferred since, and its new account may not have the App. */
function covers({ state, account }: Installation, fullName: string): boolean {
  return state === 'active' && account?.toLowerCase() === ownerOf(fullName).toLowerCase();
}

/** GitHub finds installations by name alone. Whose the name is says the second answer, so that a name that changed hands opens nothing. */
async function askGitHub(github: GitHub, { repository: { id, fullName } }: WorkflowRun): Promise<Installed> {
  const signal = AbortSignal.timeout(githubMs);
  const installation = await github.installationOn(fullName, signal);
  if (!installation) return 'absent';
  if (installation.suspended) return 'suspended';
  try {
    const found = await github.repository({ installationId: installation.id, fullName }, signal);
    return found?.id === id ? 'active' : 'absent';
  } catch (error) {
    // It ended between the two answers.
    if (error instanceof githubErrors.GitHubSuspended) return 'suspended';
    if (error instanceof githubErrors.GitHubNotFound) return 'absent';
    throw error;
  }
}

/** The rest, such as a database that does not answer, explains itself. */
function isGitHubs(error: unknown): boolean {
  return (
    (error instanceof EphemeraError && error.code.startsWith('github.')) ||
    (error instanceof DOMException && error.name === 'TimeoutError')
  );
}
