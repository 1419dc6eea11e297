import type { Cluster } from '@ephemera/kube';
import { fakeHost } from '@ephemera/sandbox/testing';
import { pino } from 'pino';
import { buildApp, type AppDeps } from '../src/app.ts';
import { createClusters } from '../src/pr-jobs/clusters.ts';
import { policyOf } from '../src/pr-jobs/policy.ts';
import { sandboxPolicyOf } from '../src/sandboxes/policy.ts';
import { readSettings } from '../src/settings.ts';
import { createToken } from '../src/tokens/tokens.ts';
import { createMetrics } from '../src/metrics/metrics.ts';
import { cloneDatabase, type TestDatabase } from './database.ts';

export const secrets = ['current secret', 'previous secret'] as const;

/** The server's HTTP side on a database of its own, without a cluster: nothing here asks one, except readiness. */
export interface TestApp extends AsyncDisposable {
  readonly app: Awaited<ReturnType<typeof buildApp>>;
  readonly database: TestDatabase;
  /** What a request to the API sends: a token that may do everything. */
  readonly authorization: string;
  /** How often the worker was woken. */
  readonly wakes: () => number;
}

export async function startApp(change: Partial<AppDeps> = {}): Promise<TestApp> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await cloneDatabase());
  let wakes = 0;
  const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
  const { db } = database;
  const writeLimits = { minute: 60, hour: 400 };
  const cluster = change.cluster ?? unreachableCluster;
  const clusters = createClusters({ own: cluster, ownNames: ['nowhere'], instance: 'a1', environment: {} });
  const sandboxHost = fakeHost();
  const app = await buildApp({
    db,
    cluster,
    clusterName: 'nowhere',
    baseDomain: 'preview.example',
    webhookSecrets: secrets,
    wake: () => (wakes += 1),
    prJobs: { clusters, instance: 'a1', policy: policyOf(readSettings({})) },
    sandboxes: {
      hostOf: () => sandboxHost,
      policy: sandboxPolicyOf(readSettings({ SANDBOXES_NAMESPACE: 'boxes', SANDBOXES_IMAGES: '*' })),
    },
    metrics: createMetrics({ db: change.db ?? db, overdueAfterMs: 600_000, writeLimits, log }),
    log,
    ...change,
  });
  stack.defer(() => app.close());
  const { text } = await createToken(database.db, { name: 'test', scopes: ['admin'] });
  const owned = stack.move();
  return {
    app,
    database,
    authorization: `Bearer ${text}`,
    wakes: () => wakes,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const unreachableCluster = {
  version: () => Promise.reject(new Error('the cluster does not answer')),
} as unknown as Cluster;
