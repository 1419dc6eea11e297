import type { GitHub, Installation, RepositoryName } from '@ephemera/github';
import { pullRequestKey } from '../environment/transition.ts';
import { pullRequestsInWork } from '../repository/move.ts';
import { newestGenerations } from '../store/environments.ts';
import { markInstallationSwept } from '../store/installations.ts';
import { markRepositorySwept, repositoryById } from '../store/repositories.ts';
import { enqueue } from '../store/work.ts';
import { comparePulls } from './compare-pulls.ts';
import type { Pass } from './pass.ts';

/** A repository as one installation shows it. */
export interface VisibleRepository extends RepositoryName {
  readonly installationId: number;
}

/**
 * Every repository that one active installation shows: its open pull requests against their environments. Each repository on its own.
 * Returns what the installation shows; throws when that list cannot be read to its end.
 */
export async function sweepInstallation(
  pass: Pass,
  github: GitHub,
  installation: Pick<Installation, 'id'>,
): Promise<VisibleRepository[]> {
  const { id: installationId } = installation;
  pass.claim.assertHeld();
  const repositories = await github.repositories(installationId, pass.claim.signal);
  const visible = repositories.map((repository) => ({ ...repository, installationId }));
  let all = true;
  for (const repository of visible) {
    all = (await pass.isolated(repository.fullName, () => sweepRepository(pass, github, repository))) && all;
  }
  if (all && !pass.dryRun) await markInstallationSwept(pass.db, installationId);
  return visible;
}

async function sweepRepository(pass: Pass, github: GitHub, repository: VisibleRepository): Promise<void> {
  const { db, claim, drafts, dryRun } = pass;
  const { id, fullName, installationId } = repository;
  await compareName(pass, repository);
  const listedAt = new Date();
  claim.assertHeld();
  const open = await github.openPullRequests({ installationId, fullName }, claim.signal);
  const numbers = open.map(({ number }) => number);
  const newest = await newestGenerations(db, id, numbers);
  const inWork = await pullRequestsInWork(db, id);
  const authors = new Map(open.map(({ number, authorId }) => [number, authorId]));
  for (const { kind, prNumber, environment, detail } of comparePulls(open, newest, { drafts, listedAt, inWork })) {
    const finding = {
      kind,
      subject: `${fullName}#${prNumber}`,
      ...(environment ? { environmentId: environment.id } : {}),
      action: 'enqueued',
      detail,
    } as const;
    const look = () =>
      enqueue(db, {
        kind: 'pull-request',
        key: pullRequestKey(id, prNumber),
        hint: { installationId, repositoryFullName: fullName },
        fairKey: String(id),
        fairAuthor: authors.get(prNumber)?.toString(),
      });
    // Not being listed is a reason to look, no more: the work reads the pull request itself before it closes anything.
    if (kind === 'missed_close' && environment?.wantedState === 'open') await pass.foundToRemove(finding, look);
    else await pass.found(finding, look);
  }
  if (!dryRun) await markRepositorySwept(db, id);
}

/** A rename or a transfer that no event told of. */
async function compareName(pass: Pass, { id, fullName, installationId }: VisibleRepository): Promise<void> {
  const known = await repositoryById(pass.db, id);
  if (!known || (known.fullName === fullName && known.installationId === installationId)) return;
  const hint = { installationId, repositoryFullName: fullName };
  await pass.found(
    { kind: 'missed_move', subject: fullName, action: 'enqueued', detail: `It was known as ${known.fullName}.` },
    () => enqueue(pass.db, { kind: 'repository', key: String(id), hint, fairKey: String(id) }),
  );
}
