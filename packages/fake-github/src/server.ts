import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { EphemeraError, messageOf } from '@ephemera/model';
import { byName } from './api.ts';
import { BadInput, httpStatus, NoSuchCall, Unexpected } from './errors.ts';
import { notFound, Refusal } from './refusal.ts';
import type { World } from './state.ts';

/** GitHub does not send or take more than this. */
const bodyLimitBytes = 25 * 1024 * 1024;

/** The HTTP server without routes: how bodies are read, and how errors look on either side. */
export function createServer(world: () => World, log: (line: string) => void): FastifyInstance {
  const server = Fastify({
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: true,
    // A branch's name of 255 characters, each of up to nine once escaped.
    routerOptions: { maxParamLength: 4096 },
    rewriteUrl: ({ url = '/' }) => byName(world(), url),
  });
  // GitHub takes JSON whatever the content type says, and curl says something else.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, async ({ url }: FastifyRequest, text: string) => {
    if (formPath.test(url)) return Object.fromEntries(new URLSearchParams(text));
    return text === '' ? undefined : parseJson(text);
  });
  server.addHook('onResponse', async ({ method, url }, { statusCode }) => log(`${method} ${url} → ${statusCode}`));
  server.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const { status, body } = shown(isControl(request) ? new NoSuchCall({ method, path: url }) : notFound(), request);
    return reply.code(status).send(body);
  });
  server.setErrorHandler((thrown, request, reply) => {
    const { status, body } = shown(thrown, request);
    return reply.code(status).send(body);
  });
  return server;
}

/** The one page that takes a form: everything else is JSON. */
const formPath = /^(?:\/organizations\/[^/]+)?\/settings\/apps\/new(?:$|\?)/;

const isControl = ({ url }: FastifyRequest) => url === '/_control' || url.startsWith('/_control/');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw Object.assign(new Error('Problems parsing JSON'), { statusCode: 400 });
  }
}

function shown(thrown: unknown, request: FastifyRequest): { status: number; body: object } {
  if (thrown instanceof Refusal) return { status: thrown.status, body: thrown.body() };
  if (thrown instanceof EphemeraError) return controlError(thrown);
  // What is left are Fastify's own refusals (malformed or too large bodies) and faults of the fake.
  const reason = messageOf(thrown);
  const status = (thrown as { statusCode?: number }).statusCode ?? 500;
  if (!isControl(request)) return { status, body: new Refusal(status, reason).body() };
  if (status >= 500) return controlError(new Unexpected({ reason }));
  return { ...controlError(new BadInput({ problems: [{ path: '(body)', reason }] })), status };
}

function controlError({ message, code, hint, retryable, details }: EphemeraError): { status: number; body: object } {
  return { status: httpStatus[code] ?? 500, body: { error: message, code, hint, retryable, details } };
}
