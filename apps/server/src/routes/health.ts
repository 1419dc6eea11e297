import type { FastifyInstance } from 'fastify';
import type { Readiness } from './readiness.ts';
import { healthOperation, readyOperation } from './server-operations.ts';

/** `/health`: the process runs. `/health/ready`: it can do its work, with the reason for each part that cannot. */
export async function healthRoutes(
  app: FastifyInstance,
  { readiness }: { readonly readiness: Readiness },
): Promise<void> {
  app.get('/health', healthOperation, async () => ({ status: 'ok' }));
  app.get('/health/ready', readyOperation, async (_request, reply) => {
    const { ready, checks } = await readiness();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'unavailable', checks });
  });
}
