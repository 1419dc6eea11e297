import type { Executor } from '../store/database.ts';
import { markTokenUsed, tokenByHash } from '../store/tokens.ts';
import { callerOf, type Caller } from './caller.ts';
import { TokenExpired, TokenMissing, TokenRevoked, TokenUnknown } from './errors.ts';
import { hashOf, looksLikeToken } from './secret.ts';

export interface AuthenticateOptions {
  /** Told when the time of use cannot be written, as on a standby: no reason to refuse. */
  readonly onUnrecorded: (error: unknown) => void;
}

/**
 * Who sends this `Authorization` header. Throws `token.missing`, `token.unknown`, `token.expired` or `token.revoked`. What is no token by
 * its form never reaches the database. The time of use is written at most once a minute.
 */
export async function authenticate(
  db: Executor,
  header: string | undefined,
  { onUnrecorded }: AuthenticateOptions,
): Promise<Caller> {
  const text = bearer(header);
  if (text === undefined) throw new TokenMissing({});
  const token = looksLikeToken(text) ? await tokenByHash(db, hashOf(text)) : undefined;
  if (!token) throw new TokenUnknown({});
  if (token.revokedAt) throw new TokenRevoked({ name: token.name });
  if (token.expired) throw new TokenExpired({ name: token.name });
  if (!token.usedLately) await markTokenUsed(db, token.id).catch(onUnrecorded);
  return callerOf(token);
}

/** RFC 6750: the scheme in any case, then the token. */
function bearer(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
