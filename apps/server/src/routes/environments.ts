import { defineError } from '@ephemera/model';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { destroyByHand, retry } from '../environment/command.ts';
import type { Database } from '../store/database.ts';
import { deploymentsOf, mostDeployments } from '../store/deployments.ts';
import { environmentById, environmentByNamespace, listEnvironments } from '../store/environments.ts';
import { longestTimeline, timeline } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';
import { needs } from '../tokens/access.ts';
import { callerOfRequest } from '../tokens/authorize.ts';
import { reaches, type Caller } from '../tokens/caller.ts';
import { deploymentAnswer, toDeploymentAnswer } from './answers/deployment.ts';
import { environmentAnswer, retriedAnswer, toEnvironmentAnswer } from './answers/environment.ts';
import { eventAnswer, toEventAnswer } from './answers/timeline-event.ts';
import { idParameter, operation } from './operation.ts';

const EnvironmentNotFound = defineError<{ what: string }>({
  code: 'environment.not_found',
  retryable: false,
  message: ({ what }) => `There is no environment ${what}.`,
  hint: 'GET /api/v1/environments lists those that your token reaches.',
});

const listQuery = z.strictObject({
  repository: z
    .string()
    .regex(/^[^/\0]+\/[^/\0]+$/, 'must be owner/name')
    .optional()
    .describe('owner/name, in any case.'),
  active_only: z.enum(['true', 'false']).default('false').describe('true: without those that are destroyed.'),
});
const byId = z.object({ id: idParameter });
const byNamespace = z.object({ namespace: z.string() });
const largestId = 2_147_483_647;
const notFound = { 404: 'There is none, or the token does not reach it.' };

export interface EnvironmentRoutesDeps {
  readonly db: Database;
  /** Called when there is new work. */
  readonly wake: () => void;
}

/** What there is, newest first, and what people may do to it. */
export async function environmentRoutes(plugin: FastifyInstance, { db, wake }: EnvironmentRoutesDeps): Promise<void> {
  const app = plugin.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/environments',
    operation({
      id: 'listEnvironments',
      tag: 'environments',
      summary: 'List environments, newest first, at most 100',
      access: needs('environments:read'),
      query: listQuery,
      answers: { 200: { means: 'Those that the token reaches.', holds: z.array(environmentAnswer) } },
    }),
    async (request) => {
      const { repository, active_only: activeOnly } = request.query;
      const { repositoryIds, namespaces } = callerOfRequest(request);
      const rows = await listEnvironments(db, {
        repository,
        activeOnly: activeOnly === 'true',
        within: { repositoryIds, namespaces },
      });
      return rows.map(toEnvironmentAnswer);
    },
  );

  app.get(
    '/api/v1/environments/:id',
    operation({
      id: 'getEnvironment',
      tag: 'environments',
      summary: 'One environment',
      access: needs('environments:read'),
      params: byId,
      answers: { 200: { means: 'The environment.', holds: environmentAnswer } },
      refusals: notFound,
    }),
    async (request) => toEnvironmentAnswer(await find(db, request.params.id, callerOfRequest(request))),
  );

  app.get(
    '/api/v1/environments/namespace/:namespace',
    operation({
      id: 'getEnvironmentByNamespace',
      tag: 'environments',
      summary: 'The environment that a namespace belongs to',
      access: needs('environments:read'),
      params: byNamespace,
      answers: { 200: { means: 'The environment.', holds: environmentAnswer } },
      refusals: notFound,
    }),
    async (request) => {
      const { namespace } = request.params;
      const found = await environmentByNamespace(db, namespace.slice(0, 253).replaceAll('\0', ''));
      if (!found || !reaches(callerOfRequest(request), found))
        throw new EnvironmentNotFound({ what: `with the namespace ${namespace}` });
      return toEnvironmentAnswer(found);
    },
  );

  app.get(
    '/api/v1/environments/:id/events',
    operation({
      id: 'listEnvironmentEvents',
      tag: 'environments',
      summary: `The timeline of an environment: its newest ${longestTimeline} events, oldest first`,
      description:
        'Where there were more, the first entry is a note named `earlier_events` in place of all that came before.',
      access: needs('environments:read'),
      params: byId,
      answers: { 200: { means: 'The timeline.', holds: z.array(eventAnswer) } },
      refusals: notFound,
    }),
    async (request) => {
      const { id } = await find(db, request.params.id, callerOfRequest(request));
      return (await timeline(db, id)).map(toEventAnswer);
    },
  );

  app.get(
    '/api/v1/environments/:id/deployments',
    operation({
      id: 'listEnvironmentDeployments',
      tag: 'environments',
      summary: `The commits that came into an environment: the newest ${mostDeployments}, oldest first`,
      access: needs('environments:read'),
      params: byId,
      answers: { 200: { means: 'The deployments.', holds: z.array(deploymentAnswer) } },
      refusals: notFound,
    }),
    async (request) => {
      const { id } = await find(db, request.params.id, callerOfRequest(request));
      return (await deploymentsOf(db, id)).map(toDeploymentAnswer);
    },
  );

  app.delete(
    '/api/v1/environments/:id',
    operation({
      id: 'destroyEnvironment',
      tag: 'environments',
      summary: 'Destroy an environment by hand',
      description:
        'Its pull request stays open. Nothing brings the environment back but a push, a reopen or a retry. Repeating it changes nothing.',
      access: needs('environments:write'),
      params: byId,
      answers: { 202: { means: 'It is being destroyed, or is already.', holds: environmentAnswer } },
      refusals: notFound,
    }),
    async (request, reply) => {
      const { id } = await find(db, request.params.id, callerOfRequest(request));
      const environment = await destroyByHand(db, id);
      if (!environment) throw new EnvironmentNotFound({ what: request.params.id });
      wake();
      return reply.code(202).send(toEnvironmentAnswer(environment));
    },
  );

  app.post(
    '/api/v1/environments/:id/retry',
    operation({
      id: 'retryEnvironment',
      tag: 'environments',
      summary: 'Try again what failed, or bring back what was destroyed by hand',
      access: needs('environments:write'),
      params: byId,
      answers: { 202: { means: '`did` says what that leads to.', holds: retriedAnswer } },
      refusals: notFound,
    }),
    async (request, reply) => {
      const { id } = await find(db, request.params.id, callerOfRequest(request));
      const retried = await retry(db, id);
      if (!retried) throw new EnvironmentNotFound({ what: request.params.id });
      wake();
      return reply.code(202).send({ ...toEnvironmentAnswer(retried.environment), did: retried.did });
    },
  );
}

/** What the caller does not reach is not there for it. */
async function find(db: Database, text: string, caller: Caller): Promise<Environment> {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  const found = id <= largestId ? await environmentById(db, id) : undefined;
  if (!found || !reaches(caller, found)) throw new EnvironmentNotFound({ what: text });
  return found;
}
