import { networkOf } from '../world.ts';
import type { Repository, World } from '../state.ts';

/** Puts a commit with the changed files on a branch, on top of what `from` (a SHA) holds. Returns its SHA. */
export function commit(
  world: World,
  repository: Repository,
  change: { branch: string; from: string | undefined; files: Readonly<Record<string, string>> },
): string {
  const sha = world.newSha();
  const before = change.from === undefined ? [] : (world.commits.get(change.from)?.files ?? []);
  const files = new Map([...before, ...Object.entries(change.files)]);
  world.commits.set(sha, { sha, network: networkOf(repository), files });
  repository.branches.set(change.branch, sha);
  repository.pushedAt = world.now();
  return sha;
}
