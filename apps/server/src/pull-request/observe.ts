import { githubErrors, type GitHub, type PullRequest } from '@ephemera/github';
import { defineError } from '@ephemera/model';
import type { Logger } from 'pino';
import { end } from '../environment/ending.ts';
import { environmentUrl, hostLabel, namespaceName } from '../environment/names.ts';
import { enqueueEnvironment, enqueueReport, parsePullRequestKey } from '../environment/transition.ts';
import type { Database, Executor } from '../store/database.ts';
import { queueDeployment, supersedeDeployments } from '../store/deployments.ts';
import {
  insertEnvironment,
  latestEnvironment,
  openEnvironment,
  releaseHold,
  updateEnvironment,
} from '../store/environments.ts';
import { recordStatus } from '../store/events.ts';
import { noteInstallation } from '../store/installations.ts';
import { saveRepository } from '../store/repositories.ts';
import type { Environment, WorkHint } from '../store/schema.ts';
import { upsertUser } from '../store/users.ts';
import { enqueue } from '../store/work.ts';
import type { Claim } from '../work/claim.ts';
import { done, type Outcome } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';
import { wishOf, type Wish } from './wish.ts';

export interface ObserveDeps {
  readonly db: Database;
  readonly github: GitHub;
  readonly instance: string;
  readonly drafts: 'include' | 'skip';
  readonly baseDomain: string;
  readonly publicUrl: { readonly scheme: 'http' | 'https'; readonly port: () => number };
  readonly log: Logger;
}

const OtherRepository = defineError<{ name: string; expected: number; found: number }>({
  code: 'pull_request.other_repository',
  retryable: false,
  message: ({ name, expected, found }) =>
    `${name} is now repository ${found}, but the event was about repository ${expected}.`,
  hint: 'The repository was renamed or replaced. Where it is now is looked up, and the pull request is looked at again there.',
});

/** GitHub's placeholder for accounts that were deleted. */
const ghost = { id: 10137, login: 'ghost', avatar_url: undefined };

/** Work of kind `pull-request`: asks GitHub what is true now, and writes what follows from it. The event was only a hint to look. */
export function observePullRequest(deps: ObserveDeps): Handler {
  return async (claim) => {
    const { repositoryId, prNumber } = parsePullRequestKey(claim.key);
    const hint = claim.hint ?? (await hintFromHistory(deps.db, repositoryId, prNumber));
    if (!hint) return done();
    claim.assertHeld();
    const repository = { installationId: hint.installationId, fullName: hint.repositoryFullName };
    let pull: PullRequest;
    try {
      pull = await deps.github.pullRequest(repository, prNumber, claim.signal);
    } catch (error) {
      if (error instanceof githubErrors.GitHubNotFound) return notShown(deps, claim, hint, error);
      throw error;
    }
    const found = pull.base.repo.id;
    if (found !== repositoryId) {
      await lookForRepository(deps.db, repositoryId, hint);
      throw new OtherRepository({ name: hint.repositoryFullName, expected: repositoryId, found });
    }
    await claim.write((tx) => record(deps, tx, pull, hint));
    return done();
  };
}

/** Its work looks at what waits here again, as soon as it knows where the repository is. */
async function lookForRepository(db: Database, repositoryId: number, hint: WorkHint): Promise<void> {
  const id = String(repositoryId);
  await enqueue(db, { kind: 'repository', key: id, hint, fairKey: id });
}

/**
 * GitHub says 404 for the pull request. It deletes none, but hides those of accounts that it has flagged; a right that is missing and a
 * moment in which its own copies differ look the same. So a 404 alone closes nothing. It counts when GitHub shows the same repository
 * under the same id to the same installation, and lists its open pull requests to the end without this one: three answers that agree.
 * One that is shown again later gets a new generation. Anything else stays as it is, and is parked until the next event or sweep.
 */
async function notShown(deps: ObserveDeps, claim: Claim, hint: WorkHint, notFound: unknown): Promise<Outcome> {
  const { db, github, log } = deps;
  const { repositoryId, prNumber } = parsePullRequestKey(claim.key);
  const repository = { installationId: hint.installationId, fullName: hint.repositoryFullName };
  claim.assertHeld();
  const shown = await github.repository(repository, claim.signal);
  if (shown?.id !== repositoryId) {
    await lookForRepository(db, repositoryId, hint);
    throw notFound;
  }
  claim.assertHeld();
  const open = await github.openPullRequests({ ...repository, fullName: shown.fullName }, claim.signal);
  const environment = await openEnvironment(db, repositoryId, prNumber);
  if (open.some(({ number }) => number === prNumber)) throw notFound;
  if (!environment) {
    // There is nothing to end but, perhaps, a hold: without this each sweep would find it again.
    await claim.write((tx) => releaseHold(tx, repositoryId, prNumber));
    throw notFound;
  }
  await claim.write((tx) => end(tx, environment, 'pull_request.gone'));
  log.warn(
    { repository: shown.fullName, pr: prNumber },
    'GitHub no longer shows the pull request; it counts as closed',
  );
  return done();
}

async function hintFromHistory(db: Database, repositoryId: number, prNumber: number): Promise<WorkHint | undefined> {
  const known = await latestEnvironment(db, repositoryId, prNumber);
  return known && { installationId: known.installationId, repositoryFullName: known.repositoryFullName };
}

async function record(deps: ObserveDeps, tx: Executor, pull: PullRequest, hint: WorkHint): Promise<void> {
  const newest = await latestEnvironment(tx, pull.base.repo.id, pull.number);
  const open = newest?.wantedState === 'open' ? newest : undefined;
  const held = newest?.held ? newest.wantedSha : undefined;
  const wish = wishOf(pull, { drafts: deps.drafts, exists: open !== undefined, held });
  if (wish.state === 'leave') {
    deps.log.info(
      { repository: pull.base.repo.full_name, pr: pull.number, reason: wish.reason },
      'no environment is made',
    );
  } else if (wish.state === 'closed') {
    if (open) await close(tx, open, wish, hint);
    else if (held !== undefined) await releaseHold(tx, pull.base.repo.id, pull.number);
  } else if (open) {
    await update(tx, open, { pull, wish, hint });
  } else {
    await openGeneration(deps, tx, { pull, wish, hint });
  }
  // After the environments, as everywhere.
  const { id, full_name: fullName } = pull.base.repo;
  await saveRepository(tx, { id, fullName, installationId: hint.installationId });
  await noteInstallation(tx, hint.installationId);
}

// Here and in `update` the work comes before the row that it is about: see the lock order at `enqueue`.
async function close(tx: Executor, open: Environment, wish: Wish & { state: 'closed' }, hint: WorkHint): Promise<void> {
  await enqueueEnvironment(tx, open);
  await updateEnvironment(tx, open.id, {
    wantedState: 'closed',
    wantedSha: wish.sha,
    merged: wish.merged,
    installationId: hint.installationId,
  });
}

async function update(tx: Executor, open: Environment, { pull, wish, hint }: Opening): Promise<void> {
  const pushed = open.wantedSha !== wish.sha;
  if (pushed) await enqueueEnvironment(tx, open);
  else if (open.prTitle !== wish.title) await enqueueReport(tx, open);
  await updateEnvironment(tx, open.id, {
    prTitle: wish.title,
    branchName: wish.branch,
    repositoryFullName: pull.base.repo.full_name,
    repositoryName: pull.base.repo.name,
    installationId: hint.installationId,
    wantedSha: wish.sha,
  });
  if (!pushed) return;
  // Commits that nobody has begun with are never begun any more.
  await supersedeDeployments(tx, open.id);
  await queueDeployment(tx, open.id, wish.sha);
}

interface Opening {
  readonly pull: PullRequest;
  readonly wish: Wish & { state: 'open' };
  readonly hint: WorkHint;
}

async function openGeneration(deps: ObserveDeps, tx: Executor, { pull, wish, hint }: Opening): Promise<void> {
  const repository = pull.base.repo;
  const author = pull.user ?? ghost;
  const owner = await upsertUser(tx, {
    githubId: author.id,
    githubLogin: author.login,
    avatarUrl: author.avatar_url ?? null,
  });
  const previous = await latestEnvironment(tx, repository.id, pull.number);
  const generation = (previous?.generation ?? 0) + 1;
  const identity = {
    instance: deps.instance,
    repositoryId: repository.id,
    repositoryFullName: repository.full_name,
    prNumber: pull.number,
  };
  const host = `${hostLabel(identity)}.${deps.baseDomain}`;
  const environment = await insertEnvironment(tx, {
    repositoryId: repository.id,
    repositoryFullName: repository.full_name,
    repositoryName: repository.name,
    prNumber: pull.number,
    generation,
    prTitle: wish.title,
    branchName: wish.branch,
    isFork: wish.isFork,
    commitSha: wish.sha,
    wantedSha: wish.sha,
    namespace: namespaceName(identity, generation),
    host,
    environmentUrl: environmentUrl(host, { scheme: deps.publicUrl.scheme, port: deps.publicUrl.port() }),
    installationId: hint.installationId,
    ownerId: owner.id,
  });
  await enqueueEnvironment(tx, environment);
  await enqueueReport(tx, environment);
  await queueDeployment(tx, environment.id, wish.sha);
  await recordStatus(tx, { environmentId: environment.id, commitSha: wish.sha, status: environment.status });
}
