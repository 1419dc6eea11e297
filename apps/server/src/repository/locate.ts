import type { GitHub, RepositoryRef } from '@ephemera/github';
import type { Claim } from '../work/claim.ts';

export interface Search {
  readonly github: GitHub;
  readonly claim: Claim;
  /** The installations to look at: the one that it was last seen in, then all others that are active. */
  readonly installations: readonly number[];
}

/**
 * Where a repository is now, by its id. First under the name that it had, as GitHub follows a rename; then in what each installation
 * shows, as it may have moved to another account, or another repository may have its old name.
 * Undefined means that every one of these was read to its end and does not have it; whatever cannot be read throws.
 */
export async function locate(
  { github, claim, installations }: Search,
  id: number,
  lastSeen: RepositoryRef,
): Promise<RepositoryRef | undefined> {
  if (installations.includes(lastSeen.installationId)) {
    claim.assertHeld();
    const named = await github.repository(lastSeen, claim.signal);
    if (named?.id === id) return { installationId: lastSeen.installationId, fullName: named.fullName };
  }
  for (const installationId of installations) {
    claim.assertHeld();
    const found = (await github.repositories(installationId, claim.signal)).find((repository) => repository.id === id);
    if (found) return { installationId, fullName: found.fullName };
  }
  return undefined;
}
