import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics/metrics.ts';
import { metricsOperation } from './server-operations.ts';

/** `/metrics` in the Prometheus text format. It answers 200 also without a database: that it is away is one of the figures. */
export async function metricsRoute(
  app: FastifyInstance,
  { metrics }: { readonly metrics: Pick<Metrics, 'exposition' | 'contentType'> },
): Promise<void> {
  app.get('/metrics', metricsOperation, async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.exposition()),
  );
}
