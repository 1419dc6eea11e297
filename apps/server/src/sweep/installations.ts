import type { GitHub } from '@ephemera/github';
import { end } from '../environment/ending.ts';
import { record } from '../installation/refresh.ts';
import { openEnvironments } from '../store/environments.ts';
import { listInstallations, markInstallationRemoved } from '../store/installations.ts';
import type { Installation } from '../store/schema.ts';
import type { Pass } from './pass.ts';
import { sweepInstallation, type VisibleRepository } from './pull-requests.ts';
import { sweepMissingRepositories } from './missing-repositories.ts';

/** The half of a pass that asks GitHub: installation by installation, each on its own. */
export async function sweepGitHub(pass: Pass): Promise<void> {
  const { github } = pass;
  if (!github) {
    pass.unreadable('GitHub', 'No GitHub App is configured.');
    return;
  }
  await pass.isolated('installations', () => sweepInstallations(pass, github));
}

async function sweepInstallations(pass: Pass, github: GitHub): Promise<void> {
  pass.claim.assertHeld();
  const shown = await github.installations(pass.claim.signal);
  const visible: VisibleRepository[] = [];
  let allRead = true;
  for (const installation of shown) {
    const read = await pass.isolated(subjectOf(installation), async () => {
      if (!pass.dryRun) await pass.claim.write((tx) => record(tx, installation));
      if (!installation.suspended) visible.push(...(await sweepInstallation(pass, github, installation)));
    });
    allRead &&= read;
  }
  const known = await listInstallations(pass.db);
  const shownIds = new Set(shown.map(({ id }) => id));
  for (const installation of known.filter(({ id }) => !shownIds.has(id)))
    await pass.isolated(subjectOf(installation), () => sweepUninstalled(pass, github, installation));
  // A repository may have moved to an account whose list could not be read: then none is known to be missing.
  const active = new Set(shown.filter(({ suspended }) => !suspended).map(({ id }) => id));
  const suspended = shown.filter(({ suspended: is }) => is).map(subjectOf);
  if (allRead) await sweepMissingRepositories(pass, github, { visible, active, suspended });
}

/** Not in the list, and GitHub says 404 for it by itself: the App was uninstalled. */
async function sweepUninstalled(pass: Pass, github: GitHub, installation: Installation): Promise<void> {
  const { db, claim } = pass;
  if (installation.state !== 'removed') {
    claim.assertHeld();
    if (await github.installation(installation.id, claim.signal)) {
      pass.unreadable(subjectOf(installation), 'GitHub shows it by its id, but not in the list.');
      return;
    }
    await pass.found(
      {
        kind: 'missed_uninstall',
        subject: subjectOf(installation),
        action: 'reported',
        detail: 'GitHub says that the App is not installed there.',
      },
      () => claim.write((tx) => markInstallationRemoved(tx, installation.id)),
    );
  }
  // One by one, as far as the pass may go: an App that was mixed up with another one would look like this for all installations.
  for (const environment of await openEnvironments(db, { installationId: installation.id })) {
    await pass.foundToRemove(
      {
        kind: 'missed_close',
        subject: `${environment.repositoryFullName}#${environment.prNumber}`,
        environmentId: environment.id,
        action: 'removed',
        detail: 'The GitHub App was uninstalled.',
      },
      () => claim.write((tx) => end(tx, environment, 'installation.removed')),
    );
  }
}

function subjectOf({ id, account }: Pick<Installation, 'id' | 'account'>): string {
  return account === null ? `installation ${id}` : `installation ${id} (${account})`;
}
