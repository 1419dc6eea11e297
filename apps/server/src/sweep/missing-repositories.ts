import type { GitHub } from '@ephemera/github';
import { end } from '../environment/ending.ts';
import { openEnvironments } from '../store/environments.ts';
import { markRepositoryMissing, repositoriesInUse } from '../store/repositories.ts';
import type { Pass } from './pass.ts';
import type { VisibleRepository } from './pull-requests.ts';

export interface Shown {
  readonly visible: readonly VisibleRepository[];
  /** The ids of the installations whose lists these are. */
  readonly active: ReadonlySet<number>;
  /** Those that show nothing at present, as a person knows them. */
  readonly suspended: readonly string[];
}

/**
 * Repositories with open environments that no installation shows, every list having been read to its end. The first pass that misses one
 * begins its grace. A later one, after the grace, asks for it once more by itself; only after that second no its environments end. None
 * end while an installation is suspended: the repository may have moved to its account, where nobody can see it.
 */
export async function sweepMissingRepositories(
  pass: Pass,
  github: GitHub,
  { visible, active, suspended }: Shown,
): Promise<void> {
  const visibleIds = new Set(visible.map(({ id }) => id));
  for (const repository of await repositoriesInUse(pass.db)) {
    // Of a suspended installation nothing is seen and nothing is concluded; of a removed one the environments end anyway.
    if (visibleIds.has(repository.id) || !active.has(repository.installationId)) continue;
    await pass.isolated(repository.fullName, () => sweepMissing(pass, github, repository, suspended));
  }
}

type Missing = Awaited<ReturnType<typeof repositoriesInUse>>[number];

async function sweepMissing(
  pass: Pass,
  github: GitHub,
  repository: Missing,
  suspended: readonly string[],
): Promise<void> {
  const { db, claim, graceMs } = pass;
  const { id, fullName, installationId, missingSince, missingMs } = repository;
  if (missingSince === null || missingMs < graceMs) {
    const detail = `GitHub does not show it; what belongs to it is removed if that lasts ${graceMs / 1000} s.`;
    await pass.found({ kind: 'missing_repository', subject: fullName, action: 'reported', detail }, () =>
      markRepositoryMissing(db, id),
    );
    return;
  }
  if (suspended.length > 0) {
    const detail = `GitHub does not show it, but it may have moved to where the App is suspended: ${suspended.join(', ')}. Nothing is removed.`;
    await pass.found({ kind: 'missing_repository', subject: fullName, action: 'reported', detail });
    return;
  }
  claim.assertHeld();
  const named = await github.repository({ installationId, fullName }, claim.signal);
  if (named?.id === id) {
    pass.unreadable(fullName, 'GitHub shows it by its name, but in no list.');
    return;
  }
  for (const environment of await openEnvironments(db, { repositoryId: id })) {
    await pass.foundToRemove(
      {
        kind: 'gone_repository',
        subject: `${fullName}#${environment.prNumber}`,
        environmentId: environment.id,
        action: 'removed',
        detail: `GitHub has not shown the repository since ${missingSince.toISOString()}.`,
      },
      () => claim.write((tx) => end(tx, environment, 'repository.gone')),
    );
  }
}
