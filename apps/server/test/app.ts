import type { Cluster } from '@ephemera/kube';
import { pino } from 'pino';
import { buildApp, type AppDeps } from '../src/app.ts';
import { cloneDatabase, type TestDatabase } from './database.ts';

export const secrets = ['current secret', 'previous secret'] as const;

/** The server's HTTP side on a database of its own, without a cluster: nothing here asks one, except readiness. */
export interface TestApp extends AsyncDisposable {
  readonly app: Awaited<ReturnType<typeof buildApp>>;
  readonly database: TestDatabase;
  /** How often the worker was woken. */
  readonly wakes: () => number;
}

export async function startApp(change: Partial<AppDeps> = {}): Promise<TestApp> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await cloneDatabase());
  let wakes = 0;
  const app = await buildApp({
    db: database.db,
    cluster: unreachableCluster,
    clusterName: 'nowhere',
    baseDomain: 'preview.example',
    webhookSecrets: secrets,
    wake: () => (wakes += 1),
    log: pino({ level: 'silent' }),
    ...change,
  });
  stack.defer(() => app.close());
  const owned = stack.move();
  return { app, database, wakes: () => wakes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const unreachableCluster = {
  version: () => Promise.reject(new Error('the cluster does not answer')),
} as unknown as Cluster;
