import { randomBytes, randomInt } from 'node:crypto';
import type { Commit, Installation, Repository, User, World } from './state.ts';

/** What every installation of the App may do: enough for the server, and no more, so that missing rights show early. */
export const grantedPermissions: Readonly<Record<string, string>> = {
  checks: 'write',
  contents: 'read',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
};

export function createWorld(options: { now: () => Date; origin: () => string }): World {
  // A fresh fake is another GitHub: ids that started over would meet rows that a server kept from the last one.
  let id = randomInt(100_000_000, 900_000_000);
  return {
    ...options,
    app: { id: 401_000, slug: 'ephemera-fake', name: 'Ephemera Fake', createdAt: options.now() },
    nextId: () => ++id,
    newSha: () => randomBytes(20).toString('hex'),
    users: new Map(),
    repositories: new Map(),
    installations: new Map(),
    tokens: new Map(),
    commits: new Map(),
  };
}

/** The user of that login, made at first mention: the fake knows nobody beforehand. */
export function userNamed(world: World, login: string): User {
  const key = login.toLowerCase();
  const user = world.users.get(key) ?? {
    id: world.nextId(),
    login,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
  };
  world.users.set(key, user);
  return user;
}

export const botOf = (world: World): User => userNamed(world, `${world.app.slug}[bot]`);

export function installationOf(world: World, account: User): Installation {
  const key = account.login.toLowerCase();
  const installation = world.installations.get(key) ?? { id: world.nextId(), account, createdAt: world.now() };
  world.installations.set(key, installation);
  return installation;
}

export function repositoryNamed(world: World, owner: string, name: string): Repository | undefined {
  return world.repositories.get(`${owner}/${name}`.toLowerCase());
}

/** The repositories that the App is installed on, for one account. Forks of others are not among them. */
export function installedRepositories(world: World, installation: Installation): Repository[] {
  return [...world.repositories.values()].filter(
    (repository) => repository.owner.id === installation.account.id && repository.parent === undefined,
  );
}

export const networkOf = (repository: Repository): number => repository.parent?.id ?? repository.id;

/** Finds the commit of a SHA, a branch, `heads/…`, `refs/heads/…` or `pull/N/head`. */
export function commitAt(world: World, repository: Repository, ref: string): Commit | undefined {
  const short = ref.replace(/^refs\//, '');
  const pull = /^pull\/(\d+)\/head$/.exec(short)?.[1];
  const sha =
    repository.branches.get(ref) ??
    repository.branches.get(short.replace(/^heads\//, '')) ??
    (pull === undefined ? ref : repository.pulls.get(Number(pull))?.head.sha);
  const commit = sha === undefined ? undefined : world.commits.get(sha);
  return commit?.network === networkOf(repository) ? commit : undefined;
}
