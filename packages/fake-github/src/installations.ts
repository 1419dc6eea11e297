import type { Installation, Permissions, Repository, Token, User, World } from './state.ts';

/** Where the App is installed: once per account that owns a repository, until somebody removes it there. */

/** The account's installation, undefined where there is none or it was removed. */
export function installationOf(world: World, account: User): Installation | undefined {
  return world.installations.get(account.login.toLowerCase()) ?? undefined;
}

export const installations = (world: World): Installation[] =>
  [...world.installations.values()].filter((installation) => installation !== null);

/** Installs the App on an account at its first mention. Where it was removed, it stays removed. */
export function installAtFirst(world: World, account: User): void {
  if (!world.installations.has(account.login.toLowerCase())) install(world, account);
}

/** A new installation, with an id of its own and everything that the App asks for. */
export function install(world: World, account: User): Installation {
  const now = world.now();
  const { permissions } = world.app;
  const installation = {
    id: world.nextId(),
    account,
    createdAt: now,
    updatedAt: now,
    suspendedAt: undefined,
    permissions,
  };
  world.installations.set(account.login.toLowerCase(), installation);
  return installation;
}

/** The repositories that the App is installed on, for one account. Forks of others are not among them. */
export function installedRepositories(world: World, installation: Installation): Repository[] {
  return [...world.repositories.values()].filter((repository) => covers(installation, repository));
}

export const covers = (installation: Installation, repository: Repository): boolean =>
  repository.owner.id === installation.account.id && repository.parent === undefined;

/** What a token may do now: what it was made for, as far as the account still grants it. */
export function permissionsOf({ installation, permissions: asked }: Token): Permissions {
  const granted = installation.permissions;
  if (asked === undefined) return granted;
  const kept = Object.entries(asked).flatMap(([name, level]) => {
    const most = Object.hasOwn(granted, name) ? granted[name] : undefined;
    return most === undefined ? [] : [[name, most === 'read' ? 'read' : level]];
  });
  return Object.fromEntries(kept) as Permissions;
}
