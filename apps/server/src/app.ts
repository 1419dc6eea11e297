import type { Cluster } from '@ephemera/kube';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { gateway } from './gateway/gateway.ts';
import { answerError } from './http-errors.ts';
import { intakeRoutes } from './intake/route.ts';
import { environmentRoutes } from './routes/environments.ts';
import { healthRoutes } from './routes/health.ts';
import { statusPageRoute } from './routes/status-page.ts';
import type { Database } from './store/database.ts';

export interface AppDeps {
  readonly db: Database;
  readonly cluster: Cluster;
  readonly clusterName: string;
  readonly baseDomain: string;
  readonly webhookSecrets: readonly string[] | undefined;
  readonly wake: () => void;
  readonly log: FastifyBaseLogger;
}

/** All routes, wired; it does not listen. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { db, cluster, clusterName, baseDomain, webhookSecrets, wake, log } = deps;
  const app = Fastify({
    loggerInstance: log,
    // One line for each request would bury the lines that say something.
    logController: new LogController({ disableRequestLogging: true }),
    connectionTimeout: 30_000,
    requestTimeout: 30_000,
    routerOptions: { ignoreTrailingSlash: true },
    // What the router itself refuses never reaches the error handler.
    frameworkErrors: answerError,
    forceCloseConnections: 'idle',
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
      code: 'not_found',
      retryable: false,
    }),
  );
  gateway(app, { db, baseDomain });
  const counters = { unsigned: 0 };
  await app.register(intakeRoutes, { db, secrets: webhookSecrets, wake, counters });
  await app.register(healthRoutes, { db, cluster });
  await app.register(environmentRoutes, { db });
  await app.register(statusPageRoute, {
    db,
    cluster,
    clusterName,
    githubConfigured: webhookSecrets !== undefined,
    counters,
  });
  return app;
}
