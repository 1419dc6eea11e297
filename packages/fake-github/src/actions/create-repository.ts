import { RepositoryExists } from '../errors.ts';
import { commit } from './commit.ts';
import { installAtFirst } from '../installations.ts';
import { repositoryNamed, userNamed } from '../world.ts';
import type { Repository, User, World } from '../state.ts';
import type { RepositoryInput } from '../control/input.ts';

/** Creates a repository with one commit on `main`, and the App installed on its owner's account unless it was removed there. */
export function createRepository(world: World, input: RepositoryInput): Repository {
  if (repositoryNamed(world, input.owner, input.name) !== undefined) {
    throw new RepositoryExists({ repository: `${input.owner}/${input.name}` });
  }
  const owner = userNamed(world, input.owner);
  installAtFirst(world, owner);
  const repository = add(world, { owner, name: input.name, private: input.private ?? false, parent: undefined });
  commit(world, repository, {
    branch: repository.defaultBranch,
    from: undefined,
    files: input.files ?? { 'README.md': `# ${input.name}\n` },
  });
  return repository;
}

/** The author's fork, made at the first pull request from it. Named like its parent, as GitHub does. */
export function forkOf(world: World, parent: Repository, author: User): Repository {
  const existing = repositoryNamed(world, author.login, parent.name);
  if (existing?.parent === parent) return existing;
  if (existing !== undefined) throw new RepositoryExists({ repository: existing.fullName });
  const fork = add(world, { owner: author, name: parent.name, private: parent.private, parent });
  for (const [branch, sha] of parent.branches) fork.branches.set(branch, sha);
  return fork;
}

function add(world: World, values: Pick<Repository, 'owner' | 'name' | 'private' | 'parent'>): Repository {
  const now = world.now();
  const repository: Repository = {
    ...values,
    id: world.nextId(),
    fullName: `${values.owner.login}/${values.name}`,
    defaultBranch: 'main',
    createdAt: now,
    pushedAt: now,
    branches: new Map(),
    collaborators: new Map([[values.owner.login.toLowerCase(), 'admin']]),
    labels: new Map(),
    pulls: new Map(),
    comments: new Map(),
    statuses: [],
    checkRuns: new Map(),
  };
  const key = repository.fullName.toLowerCase();
  world.repositories.set(key, repository);
  world.repositoriesById.set(repository.id, repository);
  world.formerNames.delete(key);
  return repository;
}
