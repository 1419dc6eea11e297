import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createLimiter } from '../callers/limits.ts';
import { clientStream } from '../event-stream/client-stream.ts';
import { operation } from '../routes/operation.ts';
import { needs } from '../tokens/access.ts';
import { callerOfRequest } from '../tokens/authorize.ts';
import type { Caller } from '../tokens/caller.ts';
import { onceReady, sandboxAnswer, startingInfo, toSandboxAnswer } from './answers.ts';
import { commandRoutes } from './command-routes.ts';
import { createForCaller } from './create.ts';
import type { SandboxDeps } from './deps.ts';
import { TooOften } from './errors.ts';
import { extendForCaller } from './extend.ts';
import { fileRoutes } from './file-routes.ts';
import { inputRoutes } from './input-routes.ts';
import { listForCaller } from './list.ts';
import { createOpened } from './opened.ts';
import { createBody } from './order.ts';
import { longestStartMs } from './policy.ts';
import { answerSandboxError } from './problem.ts';
import { noteEnd, rowFor, withSandbox } from './reach.ts';
import { removeForCaller } from './remove.ts';
import { streamRoute } from './stream/stream-route.ts';
import type { SandboxRouting } from './routing.ts';

const url = '/api/v1/sandboxes';
/** A command is one request, and programs run many. */
const othersForEachCreation = 100;
/** A removal waits for the grace of what runs, and for the cluster. */
const longestAnswerMs = 110_000;

const longestLookMs = 25_000;

const headers = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable characters')
    .optional()
    .describe('The same key and request give the same sandbox back for 24 hours, also when both come at once.'),
});
const byId = z.object({ id: z.string() });
const listQuery = z.strictObject({ name: z.string().max(63).optional().describe('Only the one of this name.') });
const extendBody = z.strictObject({ timeout_ms: z.int().min(1).describe('From now.') });

/** Sandboxes on behalf of callers that have no rights in the cluster. Each belongs to the token that made it. */
export async function sandboxRoutes(plugin: FastifyInstance, deps: SandboxDeps): Promise<void> {
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  const opened = createOpened({ hostOf: deps.hostOf });
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  app.addHook('onClose', async () => opened[Symbol.asyncDispose]());
  app.setErrorHandler(answerSandboxError);
  const creations = createLimiter(deps.policy.perMinute);
  const others = createLimiter(deps.policy.perMinute * othersForEachCreation);
  const take = ({ account }: Caller, what: 'create' | 'other'): void => {
    const retryAfterSeconds = (what === 'create' ? creations : others).take(account);
    if (retryAfterSeconds !== undefined)
      throw new TooOften({
        what: what === 'create' ? 'Too many sandboxes were made' : 'Too many requests about sandboxes',
        retryAfterSeconds,
      });
  };
  // The routes are closed at the end of everything else; whoever follows hears of it when the server is told to stop.
  const stop = AbortSignal.any([deps.stopping, closing.signal]);
  const routing: SandboxRouting = { deps, opened, take, url, stop };

  app.post(
    url,
    {
      ...operation({
        id: 'createSandbox',
        tag: 'sandboxes',
        summary: 'Make a sandbox, and wait until it runs',
        access: needs('sandboxes:write'),
        headers,
        body: createBody,
        answers: { 201: { means: 'It runs.', holds: sandboxAnswer } },
        refusals: {
          403: 'The token lacks the scope, or the server allows no such sandbox.',
          409: 'The name is taken, or the Idempotency-Key stands for another request.',
          422: 'It does not start: `error` says why.',
          429: 'Too many, or too often.',
          503: 'The cluster or the database does not answer, or the same request is being carried out. With the same Idempotency-Key it can be sent again.',
        },
      }),
      bodyLimit: 1024 * 1024,
    },
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'create');
      reply.raw.setTimeout(longestStartMs + longestAnswerMs, () => reply.raw.destroy());
      const { gone } = clientStream(reply.raw);
      const key = request.headers['idempotency-key']?.toString();
      const { log } = request;
      try {
        const answer = await createForCaller(deps, opened, { caller, body: request.body ?? {}, key, gone, log });
        deps.metrics.sandbox('create', 'done');
        if (answer.created) log.info({ sandbox: answer.id, caller: caller.name }, 'made a sandbox');
        return await reply.code(201).send(answer);
      } catch (error) {
        deps.metrics.sandbox('create', 'failed');
        throw error;
      }
    },
  );

  app.get(
    url,
    operation({
      id: 'listSandboxes',
      tag: 'sandboxes',
      summary: 'The sandboxes of the token, newest first',
      access: needs('sandboxes:read'),
      query: listQuery,
      answers: { 200: { means: 'Those that are there.', holds: z.array(sandboxAnswer) } },
      refusals: { 429: 'Too often.' },
    }),
    async (request) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      return listForCaller(deps, caller, request.query.name);
    },
  );

  app.get(
    `${url}/:id`,
    operation({
      id: 'getSandbox',
      tag: 'sandboxes',
      summary: 'One sandbox, as the cluster has it now',
      access: needs('sandboxes:read'),
      params: byId,
      answers: { 200: { means: 'The sandbox.', holds: sandboxAnswer } },
      refusals: { 404: 'The token has none of this id.', 429: 'Too often.' },
    }),
    async (request) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { id } = request.params;
      const row = await rowFor(deps, caller, id);
      if (row.readyAt === null) return toSandboxAnswer(startingInfo(row));
      const signal = AbortSignal.timeout(longestLookMs);
      return withSandbox({ deps, opened, caller, id }, async ({ place }) => {
        const verdict = await place.verdict(signal);
        await noteEnd({ deps, opened, id }, verdict);
        return toSandboxAnswer(onceReady(await place.look(signal)), verdict);
      });
    },
  );

  app.delete(
    `${url}/:id`,
    operation({
      id: 'deleteSandbox',
      tag: 'sandboxes',
      summary: 'End a sandbox with all that runs in it',
      access: needs('sandboxes:write'),
      params: byId,
      answers: { 204: { means: 'Nothing of it is left.' } },
      refusals: { 404: 'The token has none of this id.', 429: 'Too often.' },
    }),
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      reply.raw.setTimeout(longestAnswerMs, () => reply.raw.destroy());
      const { id } = request.params;
      await removeForCaller({ ...routing, caller, id });
      deps.metrics.sandbox('delete', 'done');
      request.log.info({ sandbox: id, caller: caller.name }, 'removed a sandbox');
      return reply.code(204).send();
    },
  );

  app.post(
    `${url}/:id/extend`,
    operation({
      id: 'extendSandbox',
      tag: 'sandboxes',
      summary: 'Move the end of a sandbox',
      access: needs('sandboxes:write'),
      params: byId,
      body: extendBody,
      answers: { 200: { means: 'The sandbox with its new end.', holds: sandboxAnswer } },
      refusals: { 404: 'The token has none of this id.', 410: 'It has ended.', 429: 'Too often.' },
    }),
    async (request) => {
      const caller = callerOfRequest(request);
      take(caller, 'other');
      const { timeout_ms: timeoutMs } = request.body;
      return toSandboxAnswer(await extendForCaller({ ...routing, caller, id: request.params.id }, timeoutMs));
    },
  );

  commandRoutes(app, routing);
  fileRoutes(app, routing);
  await app.register(async (raw) => inputRoutes(raw, routing));
  streamRoute(app, routing);
}
