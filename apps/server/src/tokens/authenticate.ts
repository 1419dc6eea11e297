import type { WorkflowAuthenticator } from '../oidc/authenticator.ts';
import { OidcNotEnabled } from '../oidc/errors.ts';
import { looksLikeJwt } from '../oidc/form.ts';
import type { Executor } from '../store/database.ts';
import { markTokenUsed, tokenByHash } from '../store/tokens.ts';
import { callerOf, type Caller } from './caller.ts';
import { TokenExpired, TokenMissing, TokenRevoked, TokenUnknown } from './errors.ts';
import { hashOf, looksLikeToken } from './secret.ts';

export interface AuthenticateOptions {
  /** Told when the time of use cannot be written, as on a standby: no reason to refuse. */
  readonly onUnrecorded: (error: unknown) => void;
  /** For tokens of GitHub Actions. Default: none is taken. */
  readonly workflow?: WorkflowAuthenticator | undefined;
}

/**
 * Who sends this `Authorization` header. Throws `token.missing`, `token.unknown`, `token.expired` or `token.revoked`. What is no token by
 * its form never reaches the database. The time of use is written at most once a minute. A JWT is held to be one of GitHub Actions, whose
 * errors are `oidc.…`.
 */
export async function authenticate(
  db: Executor,
  header: string | undefined,
  { onUnrecorded, workflow }: AuthenticateOptions,
): Promise<Caller> {
  const text = bearer(header);
  if (text === undefined) throw new TokenMissing({});
  if (looksLikeJwt(text)) {
    if (!workflow) throw new OidcNotEnabled({});
    return workflow(text);
  }
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
