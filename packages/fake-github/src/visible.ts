import { covers } from './installations.ts';
import { moved, notFound } from './refusal.ts';
import { repositoryNamed } from './world.ts';
import type { Caller } from './app-auth.ts';
import type { Repository, World } from './state.ts';

/** What a request asked for, as far as a redirect needs it. */
export interface Asked {
  readonly owner: string;
  readonly name: string;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
}

/**
 * The repository, if the caller's installation token reaches it; at a former name of its, the way to the place that stays.
 * Else "not found", so that names do not leak.
 */
export function visibleRepository(world: World, caller: Caller | undefined, asked: Asked): Repository {
  const { owner, name, method, url } = asked;
  const named = repositoryNamed(world, owner, name);
  const repository = named ?? world.formerNames.get(`${owner}/${name}`.toLowerCase());
  if (repository === undefined || caller?.kind !== 'installation') throw notFound();
  if (!covers(caller.token.installation, repository) || !canSee(caller, repository)) throw notFound();
  if (named === undefined) throw moved(method, placeOf(world, repository, url));
  return repository;
}

/** The same address below `/repositories/ID`, which no rename changes. */
export function placeOf(world: World, repository: Repository, url: string): string {
  const rest = url.replace(/^\/repos\/[^/?]*\/[^/?]*/, '');
  return `${world.origin()}/repositories/${repository.id}${rest}`;
}

export function canSee(caller: Caller & { kind: 'installation' }, repository: Repository): boolean {
  return caller.token.repositories?.has(repository.id) ?? true;
}
