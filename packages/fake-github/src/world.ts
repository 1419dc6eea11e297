import { type KeyObject, randomBytes, randomInt } from 'node:crypto';
import type { Commit, Permissions, Repository, User, World } from './state.ts';

/** What the App asks for at first: enough for the server, and no more, so that missing rights show early. */
const firstPermissions: Permissions = {
  checks: 'write',
  contents: 'read',
  issues: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
};

const firstEvents = ['issue_comment', 'pull_request', 'repository'];

export function createWorld(options: { now: () => Date; origin: () => string; publicKey: KeyObject }): World {
  const { now, origin, publicKey } = options;
  // A fresh fake is another GitHub: ids that started over would meet rows that a server kept from the last one.
  let id = randomInt(100_000_000, 900_000_000);
  const nextId = () => ++id;
  const owner: User = { id: nextId(), login: 'ephemera', type: 'User' };
  return {
    now,
    origin,
    nextId,
    newSha: () => randomBytes(20).toString('hex'),
    app: {
      id: 401_000,
      slug: 'ephemera-fake',
      name: 'Ephemera Fake',
      createdAt: now(),
      clientId: 'Iv1.fake401000',
      externalUrl: undefined,
      owner,
      permissions: firstPermissions,
      events: firstEvents,
      publicKey,
    },
    users: new Map([[owner.login, owner]]),
    repositories: new Map(),
    repositoriesById: new Map(),
    formerNames: new Map(),
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

export function repositoryNamed(world: World, owner: string, name: string): Repository | undefined {
  return world.repositories.get(`${owner}/${name}`.toLowerCase());
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
