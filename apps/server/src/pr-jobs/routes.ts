import {
  checkJobName,
  checkName,
  checkNamespace,
  checkOrder,
  defaultNamespace,
  prJobStatus,
} from '@ephemera/pull-request-pod';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { operation } from '../routes/operation.ts';
import { anyToken, needs } from '../tokens/access.ts';
import { callerOfRequest, demandScope } from '../tokens/authorize.ts';
import type { Caller } from '../tokens/caller.ts';
import {
  prJobAnswer,
  prJobEventAnswer,
  toCleanupAnswer,
  toCreateAnswer,
  toPrJobEventAnswer,
  toStatusAnswer,
  type PrJobAnswer,
} from './answers.ts';
import { eventsQuery, prJobBody, prJobHeaders, type PrJobBody } from './body.ts';
import { cleanupForCaller } from './cleanup.ts';
import { createForCaller } from './create.ts';
import type { PrJobDeps } from './deps.ts';
import { NamespaceNotAllowed, TooManyRequests } from './errors.ts';
import { changesAtOnce, createLimiter, createSlots, type Limiter, type Slots } from '../callers/limits.ts';
import { logsRoute } from './logs-route.ts';
import { answerPrJobError, prJobProblem } from './problem.ts';
import { reachJob } from './reach.ts';
import { createRecent } from './recent.ts';
import { recorded, type Asked, type PrJobAction } from './record.ts';
import { mostPrJobEvents, prJobEvents } from './store/events.ts';

const url = '/api/kubernetes/pr-jobs';
/** Reads are cheaper than what they read about, and whoever waits for a job asks again and again. */
const readsForEachChange = 10;
/**
 * The server's own limit for a connection without a byte, half a minute, is shorter than what a cleanup waits for pods to end, or a create
 * for what has its names and is being removed.
 */
const longestAnswerMs = 120_000;
const hourMs = 3_600_000;
/** A creation takes a second or two. */
const slotRetrySeconds = 5;
const refusals = {
  400: 'The request cannot be understood: `error` says what is wrong.',
  403: 'The token lacks the scope, the namespace or the image is not allowed, or the cluster refuses.',
  404: 'There is no such job, namespace or cluster, or the token does not reach it.',
  409: 'Somebody else has that name, or the Idempotency-Key stands for another request.',
  429: 'Asked too often, or for too much at once; Retry-After says for how many seconds to wait.',
  503: 'The cluster or the database does not answer, or not in time: whether something was made may not be known. A status or a cleanup can be sent again; a create with its Idempotency-Key, or with its token of GitHub Actions, makes one job however often it is sent; a create without either may make another one.',
};

/** One limit for all that a caller asks of these routes; throws `pr_job.too_many_requests`. */
export type Take = (caller: Caller, action: PrJobAction) => void;

/** Jobs of pull requests: made, looked at and removed on behalf of callers that may. */
export async function prJobRoutes(plugin: FastifyInstance, wiring: Omit<PrJobDeps, 'recent'>): Promise<void> {
  const deps: PrJobDeps = { ...wiring, recent: createRecent(hourMs) };
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  const take = takeFrom({
    changes: createLimiter(deps.policy.perMinute),
    reads: createLimiter(deps.policy.perMinute * readsForEachChange),
  });
  const slots = createSlots(changesAtOnce(deps.policy.perMinute));
  app.setErrorHandler(answerPrJobError);
  // Fastify reads a text as well; the one body here is JSON.
  app.removeContentTypeParser('text/plain');

  app.post(
    url,
    operation({
      id: 'prJob',
      tag: 'pull-request jobs',
      summary: 'Create a job for a pull request, tell its status, or clean up',
      description:
        'The action stands in the body, and needs its scope: `pr-jobs:create`, `pr-jobs:status` or `pr-jobs:cleanup`. A token that is narrowed to repositories reaches only names whose jobs belong to them.',
      access: anyToken,
      headers: prJobHeaders,
      body: prJobBody,
      answers: { 200: { means: 'It is done: `job`, `status`, or what was `removed`.', holds: prJobAnswer } },
      refusals,
      problem: prJobProblem,
    }),
    async (request, reply) => {
      const caller = callerOfRequest(request);
      const { body } = request;
      const { action, name, namespace = defaultNamespace, clusterName, jobName } = body;
      const asked = { ...askedFor(action, caller, { name, namespace, clusterName }), jobName };
      return recorded({ ...deps, log: request.log }, asked, async () => {
        take(caller, action);
        demandScope(caller, `pr-jobs:${action}`);
        using _slot = isChange(action) ? slotFor(slots, caller) : undefined;
        reply.raw.setTimeout(longestAnswerMs, () => reply.raw.destroy());
        return await actions[action]({ deps, caller, body, key: keyOf(request), asked });
      });
    },
  );

  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url,
    exposeHeadRoute: false,
    schema: { hide: true },
    config: { access: anyToken },
    // Before a body is read.
    onRequest: async (request, reply) =>
      reply
        .code(405)
        .header('allow', 'POST')
        .send({
          error: `${request.method} is not what this address takes: it takes POST.`,
          code: 'request.method',
          retryable: false,
        }),
    handler: async () => undefined,
  });

  app.get(
    `${url}/events`,
    operation({
      id: 'listPrJobEvents',
      tag: 'pull-request jobs',
      summary: `Who asked for what, newest first, at most ${mostPrJobEvents}`,
      access: needs('pr-jobs:status'),
      query: eventsQuery,
      answers: {
        200: { means: 'Those of the repositories that the token reaches.', holds: z.array(prJobEventAnswer) },
      },
      refusals: { 400: refusals[400], 403: refusals[403], 429: refusals[429] },
      problem: prJobProblem,
    }),
    async (request) => {
      const caller = callerOfRequest(request);
      take(caller, 'status');
      const name = checkName(request.query.name);
      const namespace = checkNamespace(request.query.namespace);
      // Not those that the server allows now: what happened in one that it no longer allows can still be asked for.
      if (caller.namespaces && !caller.namespaces.includes(namespace))
        throw new NamespaceNotAllowed({ namespace, allowed: caller.namespaces });
      const { before } = request.query;
      const rows = await prJobEvents(deps.db, {
        name,
        namespace,
        before: before === undefined ? undefined : Number(before),
        repositoryIds: caller.repositoryIds,
      });
      return rows.map(toPrJobEventAnswer);
    },
  );

  logsRoute(app, { deps, take, url, refusals });
}

interface ActionRequest {
  readonly deps: PrJobDeps;
  readonly caller: Caller;
  readonly body: PrJobBody;
  readonly key: string | undefined;
  readonly asked: Asked;
}

const actions: Readonly<Record<PrJobBody['action'], (request: ActionRequest) => Promise<PrJobAnswer>>> = {
  create: async ({ deps, caller, body, key, asked }) => {
    const { name, namespace, image, clusterName, repository } = body;
    const { profile, builder, builderLimits, deadlineSeconds } = deps.policy;
    const order = checkOrder({
      name,
      namespace,
      image,
      clusterName,
      repository,
      profile: body.profile ?? (repository ? undefined : profile),
      builder,
      builderLimits,
      activeDeadlineSeconds: deadlineSeconds,
    });
    const { repositoryId } = body;
    return toCreateAnswer(await createForCaller(deps, { caller, order, repositoryId, key, asked }));
  },

  status: async ({ deps, caller, body, asked }) => {
    const { clusterName } = body;
    const place = placeOf(body);
    const jobName = checkJobName(body.jobName);
    const cluster = await reachJob(deps, { caller, clusterName, ...place, jobName, asked });
    return toStatusAnswer(await prJobStatus(cluster, { jobName, ...place, instance: deps.instance }));
  },

  cleanup: async ({ deps, caller, body, key, asked }) => {
    const { clusterName } = body;
    const place = placeOf(body);
    const done = await cleanupForCaller(deps, { caller, clusterName, ...place, key, asked });
    asked.message = `removed ${done.removed.length} objects`;
    return toCleanupAnswer(place.name, done);
  },
};

function placeOf(body: Pick<PrJobBody, 'name' | 'namespace'>): { readonly name: string; readonly namespace: string } {
  return { name: checkName(body.name), namespace: checkNamespace(body.namespace) };
}

export function askedFor(
  action: PrJobAction,
  caller: Caller,
  { name, namespace, clusterName = '' }: { name: string; namespace: string; clusterName?: string | undefined },
): Asked {
  return { action, caller, name, namespace, clusterName, cluster: clusterName, repositoryId: ownRepository(caller) };
}

/** Whose page an event is on until it is known whose name it is: that of the one who asks. */
function ownRepository({ repository, repositoryIds }: Caller): number | null {
  if (repository) return repository.id;
  const [only = null, ...others] = repositoryIds ?? [];
  return others.length === 0 ? only : null;
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  // Two of them come as one text, with a comma between.
  return headers['idempotency-key']?.toString();
}

function takeFrom({ changes, reads }: { readonly changes: Limiter; readonly reads: Limiter }): Take {
  return ({ account }, action) => {
    const retryAfterSeconds = (isChange(action) ? changes : reads).take(account);
    if (retryAfterSeconds === undefined) return;
    const what = isChange(action) ? 'Too many creations and cleanups of jobs' : 'Too many questions about jobs';
    throw new TooManyRequests({ what, retryAfterSeconds });
  };
}

function isChange(action: PrJobAction): boolean {
  return action === 'create' || action === 'cleanup';
}

function slotFor(slots: Slots, { account }: Caller): Disposable {
  const slot = slots.take(account);
  if (slot) return slot;
  const what = 'Too many creations and cleanups of jobs are under way';
  throw new TooManyRequests({ what, retryAfterSeconds: slotRetrySeconds });
}
