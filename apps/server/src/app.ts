import { randomUUID } from 'node:crypto';
import type { GitHub } from '@ephemera/github';
import type { Cluster } from '@ephemera/kube';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';

import { gateway } from './gateway/gateway.ts';
import { answerError } from './http-errors.ts';
import { intakeRoutes } from './intake/route.ts';
import { quiet } from './logging/quiet.ts';
import { createWorkflowAuthenticator } from './oidc/authenticator.ts';
import type { OidcSettings } from './oidc/settings.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { PrJobDeps } from './pr-jobs/deps.ts';
import { prJobRoutes } from './pr-jobs/routes.ts';
import { environmentRoutes } from './routes/environments.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import { describeRoutes, openapiRoute } from './routes/openapi.ts';
import { createReadiness } from './routes/readiness.ts';
import { statusPageRoute } from './routes/status-page.ts';
import { sweepRoutes } from './routes/sweeps.ts';
import type { SandboxDeps } from './sandboxes/deps.ts';
import { sandboxRoutes } from './sandboxes/routes.ts';
import { mayUpgrade, routeUpgrades } from './sandboxes/stream/upgrades.ts';
import { endSlowBodies } from './slow-bodies.ts';
import type { Database } from './store/database.ts';
import { authorize } from './tokens/authorize.ts';

export interface AppDeps {
  readonly db: Database;
  /** For deliveries alone. Default: `db`. */
  readonly intakeDb?: Database;
  readonly cluster: Cluster;
  readonly clusterName: string;
  readonly baseDomain: string;
  readonly webhookSecrets: readonly string[] | undefined;
  readonly wake: () => void;
  /** Kept up to date: how many signed deliveries are being answered. */
  readonly answering?: { now: number };
  /** Default: no token of GitHub Actions is taken. */
  readonly oidc?: OidcSettings | undefined;
  /** For looking up where the App is installed. Default: no App is configured. */
  readonly github?: GitHub | undefined;
  readonly prJobs: Pick<PrJobDeps, 'clusters' | 'instance' | 'policy'>;
  readonly sandboxes: Pick<SandboxDeps, 'hostOf' | 'policy' | 'tokenLookMs'>;
  readonly metrics: Metrics;
  /** Aborted when the server is asked to stop. Default: never. */
  readonly stopping?: AbortSignal;
  readonly log: FastifyBaseLogger;
}

/** Until the last byte of a request's headers, and of its body. */
const headersTimeoutMs = 5_000;
const requestTimeoutMs = 15_000;
/** The same for the bodies of routes that take large files. */
const longestRequestMs = 3_600_000;
/** More are ended at once; within the 4096 files that a process may have open almost everywhere. */
const mostConnections = 2_000;

/** All routes, wired; it does not listen. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { db, cluster, clusterName, baseDomain, webhookSecrets, wake, metrics, log } = deps;
  const { stopping = new AbortController().signal } = deps;
  const app = Fastify({
    loggerInstance: quiet(log),
    childLoggerFactory: (_quiet, bindings, options) => log.child(bindings, options),
    genReqId: () => randomUUID(),
    // One line for each request would bury the lines that say something.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    connectionTimeout: 30_000,
    requestTimeout: longestRequestMs,
    // Node looks for overdue connections every half minute by itself, which would make every timeout that much longer.
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: 1_000, shouldUpgradeCallback: mayUpgrade },
    // Our own API takes a few fields; the webhook has a limit of its own.
    bodyLimit: 64 * 1024,
    routerOptions: { ignoreTrailingSlash: true },
    // What the router itself refuses never reaches the error handler.
    frameworkErrors: answerError,
    forceCloseConnections: 'idle',
  });
  // A connection that says nothing is ended with its headers' time; until then it costs some kilobytes.
  app.server.maxConnections = mostConnections;
  routeUpgrades(app);
  endSlowBodies(app, requestTimeoutMs);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
      code: 'not_found',
      retryable: false,
    }),
  );
  gateway(app, { db, baseDomain });
  const { oidc, github } = deps;
  authorize(app, { db, workflow: oidc && createWorkflowAuthenticator({ settings: oidc, db, github, log }) });
  await describeRoutes(app);
  const readiness = createReadiness({ db, intakeDb: deps.intakeDb, cluster, stopping: () => stopping.aborted });
  await app.register(intakeRoutes, {
    db: deps.intakeDb ?? db,
    secrets: webhookSecrets,
    wake,
    counters: metrics,
    answering: deps.answering ?? { now: 0 },
  });
  await app.register(healthRoutes, { readiness });
  await app.register(metricsRoute, { metrics });
  await app.register(environmentRoutes, { db, wake });
  await app.register(sweepRoutes, { db, wake });
  await app.register(prJobRoutes, { db, metrics, stopping, ...deps.prJobs });
  await app.register(sandboxRoutes, { db, metrics, stopping, ...deps.sandboxes });
  await app.register(openapiRoute);
  await app.register(statusPageRoute, {
    db,
    readiness,
    clusterName,
    githubConfigured: webhookSecrets !== undefined,
    counters: metrics,
  });
  return app;
}
