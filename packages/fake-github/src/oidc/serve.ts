import { breakOff, strikeRequest } from '../faults/strike.ts';
import { Refusal } from '../refusal.ts';
import { issuerPath, type Issuer } from './issuer.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Faults } from '../faults/faults.ts';
import type { World } from '../state.ts';
import type { Traffic } from '../traffic.ts';

export interface OidcParts {
  readonly world: World;
  readonly issuer: Issuer;
  readonly faults: Faults;
  readonly traffic: Traffic;
  /** Ends the waiting of delayed answers. */
  readonly stopping: AbortSignal;
}

type Answering = (request: FastifyRequest) => Promise<unknown>;

/** The issuer of Actions' tokens, which anybody may ask for its keys, and where a job asks for its token. Faults strike here too. */
export function serveOidc(server: FastifyInstance, parts: OidcParts): void {
  const { issuer } = parts;
  const serve = (route: string, answering: Answering) =>
    server.get(`${issuerPath}${route}`, (request, reply) => answer({ parts, route, answering }, request, reply));
  serve('/.well-known/openid-configuration', async () => issuer.configuration());
  serve('/.well-known/jwks', async () => ({ keys: await issuer.published() }));
  serve('/runs/:run/idtoken', async ({ params, query, headers }) => {
    const { audience } = query as { audience?: unknown };
    const value = await issuer.issue(Number((params as { run?: string }).run), {
      authorization: headers.authorization,
      audience: typeof audience === 'string' && audience !== '' ? audience : undefined,
    });
    return { count: value.length, value };
  });
}

async function answer(
  { parts, route, answering }: { readonly parts: OidcParts; readonly route: string; readonly answering: Answering },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { world, faults, traffic, stopping } = parts;
  const { method } = request;
  const path = request.url.replace(/\?.*$/s, '');
  const record = (status: number) =>
    traffic.record(`${issuerPath}${route}`, { installationId: undefined, method, path, at: world.now(), status });
  const fault = faults.onRequest({ method, path });
  if (fault && (await strikeRequest(fault, request, reply, stopping))) {
    if (fault.status !== undefined) record(fault.status);
    return reply;
  }
  const { status, body } = await bodyOf(answering, request);
  record(status);
  if (fault?.drop) {
    breakOff(request, reply);
    return reply;
  }
  return reply.code(status).send(body);
}

async function bodyOf(answering: Answering, request: FastifyRequest): Promise<{ status: number; body: unknown }> {
  try {
    return { status: 200, body: await answering(request) };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { status: thrown.status, body: thrown.body() };
  }
}
