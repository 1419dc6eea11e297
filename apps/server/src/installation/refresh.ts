import type { GitHub, Installation } from '@ephemera/github';
import type { Logger } from 'pino';
import { end } from '../environment/ending.ts';
import { enqueueReport } from '../environment/transition.ts';
import type { Executor } from '../store/database.ts';
import { openEnvironments } from '../store/environments.ts';
import { installationById, markInstallationRemoved, saveInstallation } from '../store/installations.ts';
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
      const closed = await claim.write((tx) => uninstalled(tx, id));
      log.warn({ installation: id, environments: closed }, 'the App was uninstalled; its environments are removed');
      return done();
    }
    await claim.write((tx) => record(tx, found));
    log.info({ installation: id, account: found.account, suspended: found.suspended }, 'an installation was read');
    if (!found.suspended) await compare(claim, found);
    return done();
  };
}

/** Writes what GitHub says of an installation that exists. What could not be told during a suspension is told after it. */
export async function record(tx: Executor, installation: Installation): Promise<void> {
  const before = await installationById(tx, installation.id);
  if (before?.state === 'suspended' && !installation.suspended) {
    for (const environment of await openEnvironments(tx, { installationId: installation.id }))
      await enqueueReport(tx, environment);
  }
  await saveInstallation(tx, installation);
}

/** GitHub's 404 for the installation itself: all its environments end. Removing them needs no GitHub. Returns how many. */
async function uninstalled(tx: Executor, id: number): Promise<number> {
  const open = await openEnvironments(tx, { installationId: id });
  for (const environment of open) await end(tx, environment, 'installation.removed');
  await markInstallationRemoved(tx, id);
  return open.length;
}
