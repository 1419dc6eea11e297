import { BadInput, PullExists } from '../errors.ts';
import { commit } from './commit.ts';
import { forkOf } from './create-repository.ts';
import { labelsNamed } from './labels.ts';
import { synchronize } from './push.ts';
import { userNamed } from '../world.ts';
import type { Pull, Repository, User, World } from '../state.ts';
import type { OpenInput } from '../control/input.ts';
import type { PullEvent } from './event.ts';

/** Commits to the head branch and opens a pull request from it: each one that is opened has a head of its own. */
export function openPull(world: World, repository: Repository, input: OpenInput): { pull: Pull; events: PullEvent[] } {
  const author = userNamed(world, input.author ?? (input.fork ? 'outside-contributor' : 'contributor'));
  refuseImpossible(repository, input, author);
  const baseRef = input.base ?? repository.defaultBranch;
  const baseSha = repository.branches.get(baseRef) ?? branchOff(repository, baseRef);
  const source = input.fork ? forkOf(world, repository, author) : repository;
  const open = [...repository.pulls.values()].filter(
    ({ state, head }) => state === 'open' && head.repository === source && head.ref === input.head,
  );
  const twin = open.find(({ base }) => base.ref === baseRef);
  if (twin) throw new PullExists({ number: twin.number, head: input.head, base: baseRef });

  const sha = commit(world, source, {
    branch: input.head,
    from: source.branches.get(input.head) ?? baseSha,
    files: input.files ?? {},
  });
  const now = world.now();
  const number = repository.pulls.size + 1;
  const pull: Pull = {
    id: world.nextId(),
    number,
    repository,
    author,
    association: associationOf(repository, author, input.fork === true),
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
    merge: undefined,
    title: input.title ?? `Changes of ${input.head}`.slice(0, 256),
    body: null,
    draft: input.draft ?? false,
    labels: labelsNamed(world, repository, input.labels ?? []),
    head: { repository: source, ref: input.head, sha },
    base: { ref: baseRef, sha: baseSha },
    state: 'open',
    heads: [sha],
  };
  repository.pulls.set(number, pull);
  return {
    pull,
    events: [...synchronize(world, source, input.head), { event: 'pull_request', pull, action: 'opened' }],
  };
}

function refuseImpossible(repository: Repository, input: OpenInput, author: User): void {
  if (input.fork && author.id === repository.owner.id) {
    throw new BadInput({ problems: [{ path: 'author', reason: 'nobody forks a repository of their own' }] });
  }
  if (!input.fork && input.head === (input.base ?? repository.defaultBranch)) {
    throw new BadInput({ problems: [{ path: 'head', reason: 'is the base branch itself' }] });
  }
}

/** Any base will do: the first pull request into a branch that does not exist yet starts it from the default branch. */
function branchOff(repository: Repository, ref: string): string {
  const sha = repository.branches.get(repository.defaultBranch) ?? '';
  repository.branches.set(ref, sha);
  return sha;
}

function associationOf(repository: Repository, author: User, fork: boolean): Pull['association'] {
  if (author.id === repository.owner.id) return 'OWNER';
  const login = author.login.toLowerCase();
  // Who has a branch in the repository must have been let in; a fork is what one makes who was not.
  if (!fork && !repository.collaborators.has(login)) repository.collaborators.set(login, 'write');
  return repository.collaborators.has(login) ? 'COLLABORATOR' : 'NONE';
}
