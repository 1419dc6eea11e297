import { defineError } from '@ephemera/model';
import type { Scope } from './scope.ts';

/** Whom a route is for. Every route says it; one that does not cannot be registered. */
export type Access =
  | { readonly kind: 'open' }
  /** Any token that is known and neither expired nor revoked. */
  | { readonly kind: 'token' }
  | {
      readonly kind: 'scope';
      readonly scope: Scope;
      /** `own`: the route itself shows and changes only what the token reaches. `everything`: it is for tokens that are not narrowed. */
      readonly reach: 'own' | 'everything';
      /** While the database is away, a token that was good minutes ago still is: only for what shows nothing of the database's. */
      readonly remembers?: boolean;
    };

export const open: Access = { kind: 'open' };
export const anyToken: Access = { kind: 'token' };

type ScopeAccess = Extract<Access, { kind: 'scope' }>;

export function needs(
  scope: Scope,
  reach: ScopeAccess['reach'] = 'own',
  more: Pick<ScopeAccess, 'remembers'> = {},
): Access {
  return { kind: 'scope', scope, reach, ...more };
}

export const RouteUndeclared = defineError<{ route: string; problem: string }>({
  code: 'server.route_undeclared',
  retryable: false,
  message: ({ route, problem }) => `The route ${route} cannot be registered: ${problem}.`,
  hint: 'This is a fault in the code: give the route an `access`.',
});

/** What is never open, whatever is there or is not. Pure. */
export function isProtected(url: string): boolean {
  return /^\/(api|metrics)(?=[/?#]|$)/.test(url);
}

/** Throws `server.route_undeclared` for a route that does not say whom it is for, or says `open` where nothing is. Pure. */
export function checkDeclared(route: string, url: string, access: Access | undefined): void {
  if (!access) throw new RouteUndeclared({ route, problem: 'it does not say who may use it' });
  if (access.kind === 'open' && isProtected(url))
    throw new RouteUndeclared({ route, problem: 'nothing below /api/ and /metrics is open' });
}
