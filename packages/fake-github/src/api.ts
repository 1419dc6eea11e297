import { createHash, randomUUID } from 'node:crypto';
import { authenticate, type Caller } from './app-auth.ts';
import { breakOff, strikeRequest } from './faults/strike.ts';
import { permissionsOf } from './installations.ts';
import { operationChecks, type Problem } from './openapi/checks.ts';
import { badCredentials, invalid, notPermitted, Refusal } from './refusal.ts';
import { appRoutes } from './routes/app.ts';
import { checkRoutes } from './routes/checks.ts';
import { commentRoutes } from './routes/comments.ts';
import { hookRoutes } from './routes/hook.ts';
import { manifestRoutes } from './routes/manifest.ts';
import { pullRoutes } from './routes/pulls.ts';
import { rateLimitRoutes } from './routes/rate-limit.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { statusRoutes } from './routes/statuses.ts';
import { visibleRepository } from './visible.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Faults } from './faults/faults.ts';
import type { Json } from './openapi/description.ts';
import type { Answer, Route, Services } from './route.ts';
import type { World } from './state.ts';
import type { Traffic } from './traffic.ts';

export interface Api extends Services {
  readonly world: World;
  readonly faults: Faults;
  readonly traffic: Traffic;
  /** Ends the waiting of delayed answers. */
  readonly stopping: AbortSignal;
  /** Told of each answer of ours that GitHub would not give. */
  readonly violated: (violation: string) => void;
}

const routes = [
  ...appRoutes,
  ...hookRoutes,
  ...manifestRoutes,
  ...repositoryRoutes,
  ...pullRoutes,
  ...commentRoutes,
  ...statusRoutes,
  ...checkRoutes,
  ...rateLimitRoutes,
];

export function serveApi(server: FastifyInstance, api: Api): void {
  for (const route of routes) {
    for (const url of urlsOf(route)) {
      server.route({ method: route.method, url, handler: (request, reply) => serve(api, route, request, reply) });
    }
  }
}

/**
 * A file's path is the rest of the address: Octokit escapes its slashes, people do not. Octokit also drops the slash before
 * an empty one, which is the root folder.
 */
function urlsOf({ path }: Route): string[] {
  const url = path.replace('{path}', '*').replaceAll(/\{(\w+)\}/g, ':$1');
  return url.endsWith('/*') ? [url, url.slice(0, -'/*'.length)] : [url];
}

/** Every request to the API passes here: faults first, then the answer, its price and its way out. */
async function serve(api: Api, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { world, budget, traffic } = api;
  const { method } = request;
  const path = request.url.replace(/\?.*$/s, '');
  const caller = callerOf(world, request);
  const record = (status: number) => {
    const installationId = caller?.kind === 'installation' ? caller.token.installation.id : undefined;
    traffic.record(route.path, { installationId, method, path, at: world.now(), status });
  };

  const fault = api.faults.onRequest({ method, path });
  reply.headers(usualHeaders(api, caller));
  if (fault && (await strikeRequest(fault, request, reply, api.stopping))) {
    if (fault.status !== undefined) record(fault.status);
    return reply;
  }
  const answer = conditional(await answerOrRefusal(api, route, request), request);
  if (answer.status !== 304 && route.path !== '/rate_limit') budget.spend(caller);
  record(answer.status);
  if (fault?.drop) {
    breakOff(request, reply);
    return reply;
  }
  reply.code(answer.status).headers({ ...usualHeaders(api, caller), ...answer.headers });
  return answer.text === undefined ? reply.send() : reply.type(answer.type).send(answer.text);
}

/** Who sends the request, undefined also for a credential that is refused later. */
function callerOf(world: World, request: FastifyRequest): Caller | undefined {
  try {
    return authenticate(world, request.headers.authorization);
  } catch {
    return undefined;
  }
}

async function answerOrRefusal(api: Api, route: Route, request: FastifyRequest): Promise<Answer> {
  try {
    return await answerTo(api, route, request);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { status: thrown.status, body: thrown.body(), headers: thrown.extras.headers ?? {} };
  }
}

/** Who, what, may they, answer, and is the answer one that GitHub could give. */
async function answerTo(api: Api, route: Route, request: FastifyRequest): Promise<Answer> {
  const { world } = api;
  const { url, method, headers } = request;
  if (headers['user-agent'] === undefined) {
    throw new Refusal(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    );
  }
  const caller = authenticate(world, headers.authorization);
  admit(route, caller);
  if (route.path !== '/rate_limit') api.budget.admit(caller);
  const { '*': path = '', ...named } = request.params as Record<string, string>;
  const parameters: Record<string, string> = { ...(request.query as Record<string, string>), path, ...named };
  const { owner = '', repo: name = '' } = parameters;
  const repository = () => visibleRepository(world, caller, { owner, name, method, url });
  if (route.caller === 'installation' && route.path.includes('{owner}')) repository();
  permit(route, caller);

  const checks = operationChecks(route.method, route.path);
  refuse('parameters', checks.parameters(parameters));
  const body = (request.body ?? {}) as Json;
  refuse('body', checks.body(body));
  const accept = headers.accept ?? '';
  const fromBrowser = headers.origin !== undefined;
  const answer = await route.answer({ ...api, caller, parameters, body, accept, url, fromBrowser, repository });

  const problems = answer.raw === undefined ? (checks.answer(answer.status)?.(answer.body) ?? []) : [];
  if (problems.length > 0) {
    const reasons = problems.map(({ instancePath, message }) => `${instancePath || '(answer)'} ${message ?? ''}`);
    api.violated(`${route.method} ${route.path} ${answer.status}: ${reasons.join('; ')}`);
    throw new Refusal(500, "The fake's own answer breaks GitHub's description", { errors: problems });
  }
  return answer;
}

function admit({ caller: wanted }: Route, caller: Caller | undefined): void {
  if (wanted === 'anybody') return;
  if (caller === undefined) throw new Refusal(401, 'Requires authentication');
  if (caller.kind !== wanted) {
    throw wanted === 'app' ? new Refusal(401, 'A JSON web token could not be decoded') : badCredentials();
  }
}

function permit({ needs = [] }: Route, caller: Caller | undefined): void {
  if (caller?.kind !== 'installation') return;
  const permissions = permissionsOf(caller.token);
  const granted = needs.some((need) => {
    const [name = '', level] = need.split(':');
    return permissions[name] === 'write' || permissions[name] === level;
  });
  if (needs.length > 0 && !granted) throw notPermitted();
}

function refuse(where: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw invalid(
    'Invalid request.',
    problems.map(({ instancePath, message, params }) => ({
      field: `${where}${instancePath}`,
      code: 'missingProperty' in params ? 'missing_field' : 'invalid',
      message: message ?? 'is not valid',
    })),
  );
}

interface Outgoing {
  readonly status: number;
  readonly text?: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer as text, or 304 where the client has it already. */
function conditional({ status, body, raw, headers = {} }: Answer, request: FastifyRequest): Outgoing {
  const type = raw === undefined ? 'application/json; charset=utf-8' : 'application/vnd.github.raw; charset=utf-8';
  if (raw === undefined && body === undefined) return { status, type, headers };
  const text = raw ?? JSON.stringify(body);
  if (request.method !== 'GET' || status !== 200) return { status, text, type, headers };
  const digest = `"${createHash('sha256').update(text).digest('hex')}"`;
  const cached = { ...headers, etag: `W/${digest}`, 'cache-control': 'private, max-age=60, s-maxage=60' };
  // RFC 9110 compares weakly here: a client that lost the W/ has the same text.
  const known = request.headers['if-none-match']?.includes(digest) ?? false;
  return known ? { status: 304, type, headers: cached } : { status, text, type, headers: cached };
}

function usualHeaders({ budget }: Api, caller: Caller | undefined): Record<string, string | number> {
  const { limit, remaining, used, reset } = budget.rate(caller);
  return {
    'x-github-request-id': randomUUID(),
    'x-github-media-type': 'github.v3; format=json',
    'x-ratelimit-limit': limit,
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-used': used,
    'x-ratelimit-reset': reset,
    'x-ratelimit-resource': 'core',
  };
}

/** `/repositories/ID/…` is the same as `/repos/O/R/…`, on GitHub too: ids stay when names change. */
export function byName(world: World, url: string): string {
  const [, id, rest = ''] = /^\/repositories\/(\d+)(.*)$/.exec(url) ?? [];
  const repository = id === undefined ? undefined : world.repositoriesById.get(Number(id));
  return repository === undefined ? url : `/repos/${repository.fullName}${rest}`;
}
