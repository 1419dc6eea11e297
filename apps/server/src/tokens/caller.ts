import type { ApiToken } from '../store/schema.ts';
import { narrowedRepository } from '../store/narrowed-repository.ts';

/** Who asks, as far as the token says. */
export interface Caller {
  readonly tokenName: string;
  readonly scopes: readonly string[];
  /** GitHub's ids. Undefined: all of them. Empty: none, as no repository of a name that it is narrowed to is known yet. */
  readonly repositoryIds: readonly number[] | undefined;
  /** Undefined: all of them. */
  readonly namespaces: readonly string[] | undefined;
}

export function callerOf(token: Pick<ApiToken, 'name' | 'scopes' | 'repositories' | 'namespaces'>): Caller {
  return {
    tokenName: token.name,
    scopes: token.scopes,
    repositoryIds: token.repositories?.flatMap((text) => narrowedRepository(text).id ?? []),
    namespaces: token.namespaces ?? undefined,
  };
}

/** Whether it may see and change what belongs to this repository and namespace: both have to be its own, where it is narrowed. Pure. */
export function reaches(caller: Caller, of: { repositoryId: number; namespace: string }): boolean {
  return (
    (caller.repositoryIds?.includes(of.repositoryId) ?? true) && (caller.namespaces?.includes(of.namespace) ?? true)
  );
}

export function isNarrowed({ repositoryIds, namespaces }: Caller): boolean {
  return repositoryIds !== undefined || namespaces !== undefined;
}
