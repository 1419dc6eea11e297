import type { EphemeraError } from '@ephemera/model';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../store/database.ts';
import { checkDeclared, isProtected, type Access } from './access.ts';
import { authenticate } from './authenticate.ts';
import { isNarrowed, type Caller } from './caller.ts';
import { ScopeMissing, TokenMissing, TokenTooNarrow } from './errors.ts';
import { createRemembered } from './remembered.ts';
import { grants } from './scope.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Who asks; null on routes that are open. */
    caller: Caller | null;
  }
}

/**
 * Registered before every route: each has to declare who may use it, and each request is held against that before its body is read.
 * There is no switch that turns it off.
 */
export function authorize(app: FastifyInstance, { db }: { db: Database }): void {
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

function demand(caller: Caller, access: Access): void {
  if (access.kind !== 'scope') return;
  if (!grants(caller.scopes, access.scope)) throw new ScopeMissing({ scope: access.scope });
  if (access.reach === 'everything' && isNarrowed(caller)) throw new TokenTooNarrow({});
}

/** RFC 6750, section 3: how programs are told that a token would help. */
function challenge(reply: FastifyReply, { code, details }: EphemeraError): void {
  const told =
    code === TokenMissing.code
      ? ''
      : code === ScopeMissing.code
        ? `, error="insufficient_scope", scope="${String(details['scope'])}"`
        : ', error="invalid_token"';
  if (code?.startsWith('token.')) void reply.header('www-authenticate', `Bearer realm="ephemera"${told}`);
}
