import type { GitHub, Installation } from '@ephemera/github';
import type { Logger } from 'pino';
import { end } from '../environment/ending.ts';
import { enqueueReport } from '../environment/transition.ts';
import type { Executor } from '../store/database.ts';
import { countOpenEnvironments, openEnvironments } from '../store/environments.ts';
import { installationById, markInstallationRemoved, saveInstallation } from '../store/installations.ts';
import { pullRequestsToTell } from '../store/reports.ts';
import type { Installation as StoredInstallation } from '../store/schema.ts';
import { mostRemovals } from '../sweep/pass.ts';
import type { Claim } from '../work/claim.ts';
import { done } from '../work/outcome.ts';
import type { Handler } from '../work/worker.ts';

export interface InstallationDeps {
  readonly github: GitHub;
  /** Compares all pull requests of an active installation with what is there. */
  readonly compare: (claim: Claim, installation: Installation) => Promise<void>;
  readonly log: Logger;
}

/** Work of kind `installation`, whose key is its id: what does GitHub say of it now, and what follows? */
export function refreshInstallation({ github, compare, log }: InstallationDeps): Handler {
  return async (claim) => {
    const id = Number(claim.key);
    claim.assertHeld();
    const found = await github.installation(id, claim.signal);
    if (!found) {
      await notShown({ github, log }, claim, id);
      return done();
    }
    await claim.write((tx) => record(tx, found));
    log.info({ installation: id, account: found.account, suspended: found.suspended }, 'an installation was read');
    if (!found.suspended) await compare(claim, found);
    return done();
  };
}

/**
 * Writes what GitHub says of an installation that exists. What could not be told during a suspension, or for want of a permission, is
 * told after it.
 */
export async function record(tx: Executor, installation: Installation): Promise<void> {
  const before = await installationById(tx, installation.id);
  if (before && !installation.suspended && mayTellMore(before, installation)) {
    for (const pullRequest of await pullRequestsToTell(tx, { installationId: installation.id }))
      await enqueueReport(tx, pullRequest);
  }
  await saveInstallation(tx, installation);
}

function mayTellMore(before: StoredInstallation, { permissions }: Installation): boolean {
  const known = before.permissions;
  if (before.state !== 'active' || known === null) return before.state !== 'active';
  return Object.entries(permissions).some(([name, level]) => known[name] !== level);
}

/**
 * GitHub's 404 for the installation itself. A proxy's page or a moment in which GitHub's copies differ looks the same, so it counts only
 * when the whole list of installations does not have it either. Its environments end then; removing them needs no GitHub.
 */
async function notShown(
  { github, log }: Pick<InstallationDeps, 'github' | 'log'>,
  claim: Claim,
  id: number,
): Promise<void> {
  claim.assertHeld();
  const listed = await github.installations(claim.signal);
  if (listed.some((installation) => installation.id === id)) {
    log.error(
      { installation: id },
      'GitHub lists an installation and shows nothing under its id: nothing is concluded',
    );
    return;
  }
  const { closed, left } = await claim.write((tx) => uninstalled(tx, id));
  log.warn({ installation: id, environments: closed }, 'the App was uninstalled; its environments are removed');
  if (left > 0) {
    log.error(
      { installation: id, environments: left },
      'these are more than may be closed at once: sweeps close the rest, a part with each; see whether that is right',
    );
  }
}

/** Ends no more than a sweep may in one pass, and only the first time: whatever is left belongs to the sweeps. */
async function uninstalled(tx: Executor, id: number): Promise<{ readonly closed: number; readonly left: number }> {
  const before = await installationById(tx, id);
  const most = before?.state === 'removed' ? 0 : mostRemovals(await countOpenEnvironments(tx));
  const open = await openEnvironments(tx, { installationId: id });
  const ending = open.slice(0, most);
  for (const environment of ending) await end(tx, environment, 'installation.removed');
  await markInstallationRemoved(tx, id);
  return { closed: ending.length, left: open.length - ending.length };
}
