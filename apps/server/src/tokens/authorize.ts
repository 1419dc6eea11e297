import type { EphemeraError } from '@ephemera/model';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswer } from '../http-errors.ts';
import type { WorkflowAuthenticator } from '../oidc/authenticator.ts';
import type { Database } from '../store/database.ts';
import { checkDeclared, isProtected, type Access } from './access.ts';
import { authenticate } from './authenticate.ts';
import { isNarrowed, type Caller } from './caller.ts';
import { ScopeMissing, TokenMissing, TokenTooNarrow } from './errors.ts';
import { createRemembered } from './remembered.ts';
import { grants, type Scope } from './scope.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    caller: Caller | null;
  }
}

export interface AuthorizeOptions {
  readonly db: Database;
  /** For tokens of GitHub Actions. Default: none is taken. */
  readonly workflow?: WorkflowAuthenticator | undefined;
}

/**
 * Registered before every route: each has to declare who may use it, and each request is held against that before its body is read.
 * There is no switch that turns it off.
 */
export function authorize(app: FastifyInstance, { db, workflow }: AuthorizeOptions): void {
  const remembered = createRemembered();
  app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ method, url, config }) => checkDeclared(`${String(method)} ${url}`, url, config?.access));
  app.addHook('onRequest', async (request, reply) => {
    const access = accessOf(request);
    if (access.kind === 'open') return;
    try {
      const { authorization } = request.headers;
      const check = () =>
        authenticate(db, authorization, {
          onUnrecorded: (error) => request.log.warn({ err: error }, 'the use of a token could not be recorded'),
          workflow,
        });
      const remembers = access.kind === 'scope' && access.remembers === true;
      const caller = remembers ? await remembered(authorization, check) : await check();
      demand(caller, access);
      request.caller = caller;
    } catch (error) {
      challenge(reply, error as EphemeraError);
      throw error;
    }
  });
  // A credential that let its bearer in, and may not be used for this all the same: it was used before.
  app.addHook('onSend', async (request, reply) => {
    if (request.caller && reply.statusCode === 401) void reply.header('www-authenticate', invalidToken);
  });
}

/** Who asks, on a route that is not open. */
export function callerOfRequest(request: FastifyRequest): Caller {
  if (!request.caller) throw new TypeError(`${request.url} is open, and has no caller`);
  return request.caller;
}

/** Where there is no route, only those who have a token hear so below /api/. */
function accessOf(request: FastifyRequest): Access {
  if (request.is404) return { kind: isProtected(request.url) ? 'token' : 'open' };
  return request.routeOptions.config.access ?? { kind: 'token' };
}

/** For routes whose body says what is to be done. Throws `token.scope_missing`. Pure. */
export function demandScope(caller: Caller, scope: Scope): void {
  if (!grants(caller.scopes, scope)) throw new ScopeMissing({ scope });
}

function demand(caller: Caller, access: Access): void {
  if (access.kind !== 'scope') return;
  demandScope(caller, access.scope);
  if (access.reach === 'everything' && isNarrowed(caller)) throw new TokenTooNarrow({});
}

const realm = 'Bearer realm="ephemera"';
const invalidToken = `${realm}, error="invalid_token"`;

/** RFC 6750, section 3: how programs are told that a token would help. */
export function challenge(reply: FastifyReply, error: EphemeraError): void {
  const { code, details } = error;
  const told =
    code === TokenMissing.code
      ? realm
      : code === ScopeMissing.code
        ? `${realm}, error="insufficient_scope", scope="${String(details['scope'])}"`
        : invalidToken;
  // A good token of a repository that may not, and an issuer that does not answer, are no reason to try another token.
  const isWorkflows = code?.startsWith('oidc.') && errorAnswer(error).status === 401;
  if (isWorkflows || code?.startsWith('token.')) void reply.header('www-authenticate', told);
}
