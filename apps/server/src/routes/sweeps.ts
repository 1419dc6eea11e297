import { defineError } from '@ephemera/model';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Database } from '../store/database.ts';
import { listSweeps } from '../store/sweeps.ts';
import { askSweep, sweepById } from '../sweep/ask.ts';
import { needs } from '../tokens/access.ts';
import { sweepAnswer, toSweepAnswer } from './answers/sweep.ts';
import { idParameter, operation } from './operation.ts';

const SweepNotFound = defineError<{ id: string }>({
  code: 'sweep.not_found',
  retryable: false,
  message: ({ id }) => `There is no sweep ${id}.`,
  hint: 'GET /api/v1/sweeps lists the newest ones.',
});

/** A request without a body counts as one with `null`. */
const order = z
  .strictObject({ dry_run: z.boolean().default(false).describe('Only tell what would be done.') })
  .nullable();
const byId = z.object({ id: idParameter });
const listLimit = 20;
const largestId = 2_147_483_647;

/** Sweeps look at everything that the server knows, so they are for tokens that are not narrowed. */
const admin = needs('admin', 'everything');

export interface SweepRoutesDeps {
  readonly db: Database;
  readonly wake: () => void;
}

export async function sweepRoutes(plugin: FastifyInstance, { db, wake }: SweepRoutesDeps): Promise<void> {
  const app = plugin.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/api/v1/sweeps',
    operation({
      id: 'askSweep',
      tag: 'sweeps',
      summary: 'Compare GitHub and the cluster with the database, now',
      access: admin,
      body: order,
      answers: {
        202: { means: 'It is waiting for its turn; ask for it until its state is done or failed.', holds: sweepAnswer },
      },
    }),
    async (request, reply) => {
      const sweep = await askSweep(db, { dryRun: request.body?.dry_run ?? false });
      wake();
      return reply.code(202).send(toSweepAnswer(sweep));
    },
  );

  app.get(
    '/api/v1/sweeps',
    operation({
      id: 'listSweeps',
      tag: 'sweeps',
      summary: 'The newest 20 sweeps, newest first',
      access: admin,
      answers: { 200: { means: 'The sweeps.', holds: z.array(sweepAnswer) } },
    }),
    async () => (await listSweeps(db, listLimit)).map(toSweepAnswer),
  );

  app.get(
    '/api/v1/sweeps/:id',
    operation({
      id: 'getSweep',
      tag: 'sweeps',
      summary: 'One sweep',
      access: admin,
      params: byId,
      answers: { 200: { means: 'The sweep.', holds: sweepAnswer } },
      refusals: { 404: 'There is none.' },
    }),
    async (request) => {
      const { id } = request.params;
      const found = /^\d{1,10}$/.test(id) && Number(id) <= largestId ? await sweepById(db, Number(id)) : undefined;
      if (!found) throw new SweepNotFound({ id });
      return toSweepAnswer(found);
    },
  );
}
