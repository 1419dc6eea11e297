import { checkJobName, checkName, checkNamespace, prJobErrors, prJobStatus } from '@ephemera/pull-request-pod';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { operation } from '../routes/operation.ts';
import { needs } from '../tokens/access.ts';
import { callerOfRequest } from '../tokens/authorize.ts';
import { logsHeaders, logsParams, logsQuery } from './body.ts';
import { beginAnswer } from '../event-stream/begin-answer.ts';
import { clientStream } from '../event-stream/client-stream.ts';
import type { PrJobDeps } from './deps.ts';
import { TooManyRequests } from './errors.ts';
import { followLog } from './follow-log.ts';
import { createSlots } from '../callers/limits.ts';
import { writePlainLog } from './plain-log.ts';
import { prJobProblem } from './problem.ts';
import { reachJob } from './reach.ts';
import { recorded } from './record.ts';
import { askedFor, type Take } from './routes.ts';

/** Each holds a connection to the cluster, and a watch. */
const atOnce = { perKey: 20, inAll: 200 };
const triedAgainSeconds = 10;

interface LogsRoute {
  readonly deps: PrJobDeps;
  readonly take: Take;
  readonly url: string;
  readonly refusals: Readonly<Record<400 | 403 | 404 | 429, string>>;
}

/** The log of one job: until now as text, or followed as events. */
export function logsRoute(plugin: FastifyInstance, { deps, take, url, refusals }: LogsRoute): void {
  const app = plugin.withTypeProvider<ZodTypeProvider>();
  const slots = createSlots(atOnce);
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  // The routes are closed at the end of everything else; whoever follows hears of it when the server is told to stop.
  const stop = AbortSignal.any([deps.stopping, closing.signal]);

  app.get(
    `${url}/:jobName/logs`,
    {
      ...operation({
        id: 'getPrJobLogs',
        tag: 'pull-request jobs',
        summary: 'What a job has written until now, or what it writes',
        description:
          'With follow=true as Server-Sent Events until the job ends: `status` first and whenever it changes, `log` (`pod`, `container`, `line`), `warning` (`message`), and `end` (`reason`: finished, gone, stopping, limit or failed). Without `tail` each line has an id, and a reader that sends it as Last-Event-ID goes on after it. Lines are as the job wrote them; in the text those that begin with [ephemera] are not the job’s.',
        access: needs('pr-jobs:logs'),
        params: logsParams,
        query: logsQuery,
        headers: logsHeaders,
        answers: {
          200: { means: 'The log.', holds: z.string(), type: 'text/plain', also: ['text/event-stream'] },
        },
        refusals: { 400: refusals[400], 403: refusals[403], 404: refusals[404], 429: refusals[429] },
        problem: prJobProblem,
      }),
      // A HEAD would follow a job to its end and say nothing.
      exposeHeadRoute: false,
    },
    async (request, reply) => {
      const caller = callerOfRequest(request);
      take(caller, 'logs');
      const { query } = request;
      const stream = clientStream(reply.raw);
      const jobName = checkJobName(request.params.jobName);
      const namespace = checkNamespace(query.namespace);
      const name = query.name === undefined ? nameIn(jobName) : checkName(query.name);
      if (name === undefined) throw new prJobErrors.PrJobNotFound({ jobName, namespace });
      const { clusterName } = query;
      using slot = slots.take(caller.account);
      if (!slot)
        throw new TooManyRequests({ what: 'Too many logs are read at once', retryAfterSeconds: triedAgainSeconds });
      const asked = { ...askedFor('logs', caller, { name, namespace, clusterName }), jobName };
      const { cluster, status } = await recorded({ ...deps, log: request.log }, asked, async () => {
        const reached = await reachJob(deps, { caller, clusterName, namespace, name, jobName, asked });
        const ref = { jobName, namespace, name, instance: deps.instance };
        return { cluster: reached, status: await prJobStatus(reached, ref) };
      });
      const options = {
        job: { cluster, jobName, namespace, name, instance: deps.instance },
        status,
        tailLines: query.tail === undefined ? undefined : Number(query.tail),
        stop,
        stream,
        log: request.log,
      };
      if (query.follow === 'false') {
        await writePlainLog({ ...options, begin: () => beginAnswer(reply, 'text/plain; charset=utf-8') });
        return;
      }
      beginAnswer(reply, 'text/event-stream');
      await followLog({ ...options, lastEventId: request.headers['last-event-id']?.toString() });
    },
  );
}

/** `pr-job-{name}-{13 digits}`; what has another form is nobody's job. */
function nameIn(jobName: string): string | undefined {
  return /^pr-job-(.+)-\d{13}$/.exec(jobName)?.[1];
}
