import { EphemeraError } from '@ephemera/model';
import { authenticate } from '../tokens/authenticate.ts';
import { grants, type Scope } from '../tokens/scope.ts';
import type { SandboxDeps } from './deps.ts';
import { TokenOver } from './errors.ts';

export interface WatchedToken extends Disposable {
  /** Aborted with `sandbox.token_over` once the token is expired, revoked or gone. */
  readonly over: AbortSignal;
}

/** A stream may stay open for days; a token that is taken away ends what it has opened within this time. */
const lookEveryMs = 15_000;

/** Looks again and again whether the token of a request is still good. A database that does not answer ends nothing. */
export function watchToken(
  { db, tokenLookMs = lookEveryMs }: Pick<SandboxDeps, 'db' | 'tokenLookMs'>,
  { authorization, scope }: { readonly authorization: string | undefined; readonly scope: Scope },
): WatchedToken {
  const over = new AbortController();
  let looking = false;
  const look = async (): Promise<void> => {
    looking = true;
    try {
      const caller = await authenticate(db, authorization, { onUnrecorded: () => {} });
      if (!grants(caller.scopes, scope)) over.abort(new TokenOver({ problem: `It lacks ${scope}.` }));
    } catch (error) {
      if (error instanceof EphemeraError && error.code.startsWith('token.'))
        over.abort(new TokenOver({ problem: error.message }));
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => {
    if (!looking) void look();
  }, tokenLookMs).unref();
  return { over: over.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
