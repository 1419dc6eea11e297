import { installedRepositories, repositoryNamed } from './world.ts';
import { notFound } from './refusal.ts';
import type { Caller } from './app-auth.ts';
import type { Repository, World } from './state.ts';

/** The repository, if the caller's installation token reaches it. Else "not found", so that names do not leak. */
export function visibleRepository(world: World, caller: Caller | undefined, owner: string, name: string): Repository {
  const repository = repositoryNamed(world, owner, name);
  if (repository === undefined || caller?.kind !== 'installation') throw notFound();
  const installed = installedRepositories(world, caller.token.installation).includes(repository);
  if (!installed || !canSee(caller, repository)) throw notFound();
  return repository;
}

export function canSee(caller: Caller & { kind: 'installation' }, repository: Repository): boolean {
  return caller.token.repositories?.has(repository.id) ?? true;
}
