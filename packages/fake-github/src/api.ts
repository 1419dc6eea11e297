import { createHash, type KeyObject, randomUUID } from 'node:crypto';
import { authenticate, type Caller } from './app-auth.ts';
import { operationChecks, type Problem } from './openapi/checks.ts';
import { rateOf } from './rate-limit.ts';
import { badCredentials, invalid, notPermitted, Refusal } from './refusal.ts';
import { appRoutes } from './routes/app.ts';
import { checkRoutes } from './routes/checks.ts';
import { commentRoutes } from './routes/comments.ts';
import { pullRoutes } from './routes/pulls.ts';
import { rateLimitRoutes } from './routes/rate-limit.ts';
import { repositoryRoutes } from './routes/repositories.ts';
import { statusRoutes } from './routes/statuses.ts';
import { visibleRepository } from './visible.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Json } from './openapi/description.ts';
import type { Answer, Route } from './route.ts';
import type { World } from './state.ts';

export interface Api {
  readonly world: World;
  readonly publicKey: KeyObject;
  /** Told of each answer of ours that GitHub would not give. */
  readonly violated: (violation: string) => void;
}

const routes = [
  ...appRoutes,
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

/** Every request to the API passes here: who, what, may they, answer, and is the answer one that GitHub could give. */
function serve(api: Api, route: Route, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { world } = api;
  reply.headers(usualHeaders(world));
  if (request.headers['user-agent'] === undefined) {
    throw new Refusal(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    );
  }
  const caller = authenticate(world, api.publicKey, request.headers.authorization);
  admit(route, caller);
  const { '*': path = '', ...named } = request.params as Record<string, string>;
  const parameters: Record<string, string> = { ...(request.query as Record<string, string>), path, ...named };
  const repository = () => visibleRepository(world, caller, String(parameters['owner']), String(parameters['repo']));
  if (route.caller === 'installation' && 'owner' in parameters) repository();

  const checks = operationChecks(route.method, route.path);
  refuse('parameters', checks.parameters(parameters));
  const body = (request.body ?? {}) as Json;
  refuse('body', checks.body(body));
  const { url } = request;
  const answer = route.answer({
    world,
    caller,
    parameters,
    body,
    accept: request.headers.accept ?? '',
    url,
    repository,
  });

  const problems = answer.raw === undefined ? (checks.answer(answer.status)?.(answer.body) ?? []) : [];
  if (problems.length > 0) {
    const reasons = problems.map(({ instancePath, message }) => `${instancePath || '(answer)'} ${message ?? ''}`);
    api.violated(`${route.method} ${route.path} ${answer.status}: ${reasons.join('; ')}`);
    throw new Refusal(500, "The fake's own answer breaks GitHub's description", problems);
  }
  return send(answer, request, reply);
}

function admit({ caller: wanted, needs = [] }: Route, caller: Caller | undefined): void {
  if (wanted === 'anybody') return;
  if (caller === undefined) throw new Refusal(401, 'Requires authentication');
  if (caller.kind !== wanted) {
    throw wanted === 'app' ? new Refusal(401, 'A JSON web token could not be decoded') : badCredentials();
  }
  if (caller.kind !== 'installation') return;
  const { permissions } = caller.token;
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

function send({ status, body, raw, headers }: Answer, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (headers) reply.headers(headers);
  if (raw === undefined && body === undefined) return reply.code(status).send();
  const text = raw ?? JSON.stringify(body);
  if (request.method === 'GET' || request.method === 'HEAD') {
    const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
    reply.header('etag', etag).header('cache-control', 'private, max-age=60, s-maxage=60');
    if (request.headers['if-none-match']?.includes(etag.slice('W/'.length))) return reply.code(304).send();
  }
  const type = raw === undefined ? 'application/json; charset=utf-8' : 'application/vnd.github.raw; charset=utf-8';
  return reply.code(status).type(type).send(text);
}

function usualHeaders(world: World): Record<string, string | number> {
  const { limit, remaining, used, reset } = rateOf(world);
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
  const repository = [...world.repositories.values()].find((one) => String(one.id) === id);
  return repository === undefined ? url : `/repos/${repository.fullName}${rest}`;
}
