import type { ApiToken } from '../store/schema.ts';
import { narrowedRepository } from '../store/narrowed-repository.ts';

/** Who asks, as far as the credential says. */
export interface Caller {
  /** For people and for events: `token ci`, or `acme/shop (GitHub Actions run 42)`. */
  readonly name: string;
  /** The same over all requests of one token, or of one repository's workflows: whose keys and whose limits. */
  readonly account: string;
  readonly scopes: readonly string[];
  /** GitHub's ids. Undefined: all of them. Empty: none, as no repository of a name that it is narrowed to is known yet. */
  readonly repositoryIds: readonly number[] | undefined;
  /** It is narrowed to more repositories than those: some of their names are not known yet. Default false. */
  readonly hasUnknownRepositories?: boolean | undefined;
  /** Undefined: all of them. */
  readonly namespaces: readonly string[] | undefined;
  /** Patterns of images, `*` standing for any text. Undefined: whatever the server allows. */
  readonly images: readonly string[] | undefined;
  /** The repository whose workflow asks; undefined for a token of ours. */
  readonly repository?: { readonly id: number; readonly fullName: string } | undefined;
  /** A credential that may change something only once, until `expiresAt`. */
  readonly once?: { readonly issuer: string; readonly jti: string; readonly expiresAt: Date } | undefined;
}

type TokenFields = Pick<ApiToken, 'id' | 'name' | 'scopes' | 'repositories' | 'namespaces' | 'images'>;

/** Of a token of ours. */
export const accountOf = (tokenId: number): string => `token:${tokenId}`;

export function callerOf(token: TokenFields): Caller {
  const ids = token.repositories?.map((text) => narrowedRepository(text).id);
  return {
    name: `token ${token.name}`,
    account: accountOf(token.id),
    scopes: token.scopes,
    repositoryIds: ids?.filter((id) => id !== undefined),
    hasUnknownRepositories: ids?.includes(undefined),
    namespaces: token.namespaces ?? undefined,
    images: token.images ?? undefined,
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
