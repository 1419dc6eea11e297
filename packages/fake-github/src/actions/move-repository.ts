import { BadInput, RepositoryExists } from '../errors.ts';
import { installAtFirst, installationOf } from '../installations.ts';
import { repositoryNamed, userNamed } from '../world.ts';
import type { Installation, Repository, User, World } from '../state.ts';
import type { InstalledRepositoriesEvent, RepositoryEvent } from './event.ts';

type Events = (RepositoryEvent | InstalledRepositoriesEvent)[];

export function rename(world: World, repository: Repository, name: string): Events {
  const from = { name: repository.name };
  if (name === from.name) throw unchanged('name');
  relocate(world, repository, { owner: repository.owner, name });
  return [{ event: 'repository', repository, action: 'renamed', from }];
}

/**
 * Moves it to another account, where the App is installed unless it was removed there. Where it is not, the App hears only
 * that the repository left.
 */
export function transfer(world: World, repository: Repository, login: string): Events {
  const owner = userNamed(world, login);
  const from = { owner: repository.owner };
  if (owner === from.owner) throw unchanged('owner');
  relocate(world, repository, { owner, name: repository.name });
  repository.collaborators.set(owner.login.toLowerCase(), 'admin');
  installAtFirst(world, owner);
  return [
    ...covered(installationOf(world, from.owner), repository, 'removed'),
    ...covered(installationOf(world, owner), repository, 'added'),
    { event: 'repository', repository, action: 'transferred', from },
  ];
}

/** Nothing answers at its names and its id any more. Forks stay, as on GitHub. */
export function removeRepository(world: World, repository: Repository): Events {
  world.repositories.delete(repository.fullName.toLowerCase());
  world.repositoriesById.delete(repository.id);
  for (const [name, target] of world.formerNames) if (target === repository) world.formerNames.delete(name);
  return [
    { event: 'repository', repository, action: 'deleted' },
    ...covered(installationOf(world, repository.owner), repository, 'removed'),
  ];
}

function covered(installation: Installation | undefined, repository: Repository, action: 'added' | 'removed'): Events {
  return installation ? [{ event: 'installation_repositories', installation, action, repository }] : [];
}

function relocate(world: World, repository: Repository, to: { owner: User; name: string }): void {
  const fullName = `${to.owner.login}/${to.name}`;
  const taken = repositoryNamed(world, to.owner.login, to.name);
  if (taken !== undefined && taken !== repository) throw new RepositoryExists({ repository: taken.fullName });
  const key = repository.fullName.toLowerCase();
  world.repositories.delete(key);
  world.formerNames.set(key, repository);
  Object.assign(repository, { ...to, fullName });
  world.formerNames.delete(fullName.toLowerCase());
  world.repositories.set(fullName.toLowerCase(), repository);
}

const unchanged = (path: string) => new BadInput({ problems: [{ path, reason: 'is what it is already' }] });
