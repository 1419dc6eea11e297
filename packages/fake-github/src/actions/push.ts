import { commit } from './commit.ts';
import type { Pull, Repository, World } from '../state.ts';
import type { PushInput } from '../control/input.ts';
import type { PullEvent } from './event.ts';

/**
 * Commits to the pull request's head branch. A closed one keeps its head, as on GitHub, and takes the branch's when it is
 * reopened; another open one from the same branch moves along.
 */
export function push(world: World, pull: Pull, input: PushInput): PullEvent[] {
  const { repository, ref, sha } = pull.head;
  const from = repository.branches.get(ref) ?? sha;
  commit(world, repository, { branch: ref, from, files: input.files ?? {} });
  return synchronize(world, repository, ref);
}

/** Moves the open pull requests of a branch to its commit. */
export function synchronize(world: World, source: Repository, ref: string): PullEvent[] {
  const pulls = [...(source.parent ?? source).pulls.values()];
  return pulls
    .filter(({ state, head }) => state === 'open' && head.repository === source && head.ref === ref)
    .flatMap((pull) => {
      const before = pull.head.sha;
      const after = moveToBranch(world, pull);
      return before === after
        ? []
        : [{ event: 'pull_request' as const, pull, action: 'synchronize' as const, before, after }];
    });
}

/** Gives the pull request its branch's commit as head, and returns it. */
export function moveToBranch(world: World, pull: Pull): string {
  const sha = pull.head.repository.branches.get(pull.head.ref) ?? pull.head.sha;
  if (sha !== pull.head.sha) {
    pull.head.sha = sha;
    pull.heads.push(sha);
    pull.updatedAt = world.now();
  }
  return sha;
}
