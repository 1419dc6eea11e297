import type { ApiToken } from '../store/schema.ts';

/** Who asks, as far as the token says. */
export interface Caller {
  readonly tokenName: string;
  readonly scopes: readonly string[];
  /** `owner/name` in lower case. Undefined: all of them. */
  readonly repositories: readonly string[] | undefined;
  /** Undefined: all of them. */
  readonly namespaces: readonly string[] | undefined;
}

export function callerOf(token: Pick<ApiToken, 'name' | 'scopes' | 'repositories' | 'namespaces'>): Caller {
  return {
    tokenName: token.name,
    scopes: token.scopes,
    repositories: token.repositories?.map((name) => name.toLowerCase()),
    namespaces: token.namespaces ?? undefined,
  };
}

/** Whether it may see and change what belongs to this repository and namespace: both have to be its own, where it is narrowed. Pure. */
export function reaches(caller: Caller, of: { repositoryFullName: string; namespace: string }): boolean {
  return (
    (caller.repositories?.includes(of.repositoryFullName.toLowerCase()) ?? true) &&
    (caller.namespaces?.includes(of.namespace) ?? true)
  );
}

export function isNarrowed({ repositories, namespaces }: Caller): boolean {
  return repositories !== undefined || namespaces !== undefined;
}
