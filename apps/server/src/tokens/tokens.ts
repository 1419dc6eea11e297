import type { Executor } from '../store/database.ts';
import { repositoryIdNamed } from '../store/repositories.ts';
import { allTokens, insertToken, revokeTokenNamed, type StoredToken } from '../store/tokens.ts';
import { TokenNameTaken, TokenNotFound } from './errors.ts';
import { narrowedRepository, narrowedText } from '../store/narrowed-repository.ts';
import { checkOrder, type TokenOrder } from './order.ts';
import { hashOf, newTokenText, prefixOf } from './secret.ts';

export interface MadeToken {
  /** What the caller of the API sends. It can be had only here and now. */
  readonly text: string;
  readonly stored: StoredToken;
  /** Of the names that it is narrowed to: those that no repository here has yet. It is for the first one that comes with that name. */
  readonly unknown: readonly string[];
}

const uniqueViolation = '23505';

/** Throws `token.invalid` or `token.name_taken`. The name of a revoked token is free again. */
export async function createToken(db: Executor, order: TokenOrder): Promise<MadeToken> {
  const { name, scopes, repositories, namespaces, images, expiresAt } = checkOrder(order);
  const text = newTokenText();
  const bound = repositories && (await Promise.all(repositories.map((repository) => bind(db, repository))));
  try {
    const stored = await insertToken(db, {
      name,
      prefix: prefixOf(text),
      hash: hashOf(text),
      scopes: [...scopes],
      repositories: bound,
      namespaces: namespaces && [...namespaces],
      images: images && [...images],
      expiresAt,
    });
    return { text, stored: named(stored), unknown: repositories?.filter((name) => bound?.includes(name)) ?? [] };
  } catch (error) {
    // The hash is unique too, but 256 random bits are not drawn twice.
    if ((error as { code?: unknown }).code === uniqueViolation) throw new TokenNameTaken({ name }, { cause: error });
    throw error;
  }
}

/** A name that a repository of this server has means that repository, also when another one takes the name. */
async function bind(db: Executor, name: string): Promise<string> {
  return narrowedText({ name, id: await repositoryIdNamed(db, name) });
}

/** As people know it. */
function named(token: StoredToken): StoredToken {
  return { ...token, repositories: token.repositories?.map((text) => narrowedRepository(text).name) ?? null };
}

export interface ListedToken extends StoredToken {
  readonly state: 'active' | 'expired' | 'revoked';
}

/** Newest first, with what became of each. */
export async function listTokens(db: Executor, now: Date): Promise<ListedToken[]> {
  return (await allTokens(db)).map((token) => ({ ...named(token), state: stateOf(token, now) }));
}

function stateOf({ revokedAt, expiresAt }: StoredToken, now: Date): ListedToken['state'] {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt <= now ? 'expired' : 'active';
}

/** Takes effect with the next request. Throws `token.not_found` when there is no such token, or it is revoked already. */
export async function revokeToken(db: Executor, name: string): Promise<void> {
  if (!(await revokeTokenNamed(db, name))) throw new TokenNotFound({ name });
}
