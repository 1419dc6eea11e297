import type { AddressInfo } from 'node:net';
import { buildApp } from './app.ts';
import { messageOf } from '@ephemera/model';
import { connect, type ConnectOptions } from './deps.ts';
import { CannotListen } from './errors.ts';
import type { Limits } from './environment/objects.ts';
import { reconcileEnvironment } from './environment/reconcile.ts';
import { watchNamespaces } from './environment/watch.ts';
import { observePullRequest } from './pull-request/observe.ts';
import { leftovers } from './ledger/leftovers.ts';
import { publishReport } from './report/publish.ts';
import type { Settings } from './settings.ts';
import { listenForWork } from './work/listen.ts';
import { again } from './work/outcome.ts';
import { createWorker, type Handler } from './work/worker.ts';

export interface RunningServer extends AsyncDisposable {
  /** Where it listens, for example `http://127.0.0.1:3001`. */
  readonly url: string;
  /** The value of the label on every object of this server's in the cluster. */
  readonly instance: string;
  readonly clusterName: string;
  readonly clusterSource: string;
  readonly databaseName: string;
  /** The processes that this server has started and that still run, also after its end. */
  processes(): string[];
  /** What exists outside for this server right now, as `kind/namespace/name`: objects with our mark, and open lines of the ledger. */
  leftovers(): Promise<string[]>;
}

export interface StartOptions extends ConnectOptions {
  /** Called when database, cluster and GitHub are connected, before anything is served. */
  readonly onConnected?: () => void;
}

/** How many keys one server works on at once: they wait for the cluster and GitHub, not for a processor. */
const concurrency = 16;

/** The composition root: the only place that knows everybody. Disposing drains the work, then closes everything in reverse order. */
export async function startServer(settings: Settings, options: StartOptions): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  const { log } = options;
  const deps = stack.use(await connect(settings, options));
  options.onConnected?.();
  const { db, cluster, github } = deps;
  let publicPort = settings.PUBLIC_PORT ?? settings.PORT;

  // Without an App there is nothing to ask and nobody to tell; the work waits for a start with one.
  const withoutGitHub: Handler = async () => again({ afterMs: 300_000, because: 'no GitHub App is configured' });
  const worker = stack.use(
    createWorker({
      db,
      owner: deps.workerId,
      leaseMs: settings.WORK_LEASE_SECONDS * 1000,
      concurrency,
      // An environment never waits until GitHub answers.
      limited: { kinds: ['pull-request', 'report'], most: concurrency / 2 },
      log,
      handlers: {
        environment: reconcileEnvironment({
          db,
          cluster,
          limits: limitsOf(settings),
          failedAfterMs: settings.DESTROY_FAILED_AFTER_SECONDS * 1000,
          now: () => new Date(),
          log,
        }),
        'pull-request': github
          ? observePullRequest({
              db,
              github,
              instance: deps.instance,
              drafts: settings.DRAFTS,
              baseDomain: settings.BASE_DOMAIN,
              publicUrl: { scheme: settings.PUBLIC_SCHEME, port: () => publicPort },
              log,
            })
          : withoutGitHub,
        report: github ? publishReport({ db, github }) : withoutGitHub,
      },
    }),
  );

  const app = await buildApp({
    db,
    cluster,
    clusterName: deps.clusterName,
    baseDomain: settings.BASE_DOMAIN,
    webhookSecrets: settings.github?.webhookSecrets,
    wake: worker.wake,
    log,
  });
  stack.defer(() => app.close());
  await app.listen({ host: settings.HOST, port: settings.PORT }).catch((error: unknown) => {
    throw new CannotListen(
      { address: `${settings.HOST}:${settings.PORT}`, problem: messageOf(error) },
      { cause: error },
    );
  });
  const { port } = app.server.address() as AddressInfo;
  publicPort = settings.PUBLIC_PORT ?? port;

  // Only now, as what is made carries the port in its URL.
  worker.start();
  const background = new AbortController();
  const loops = [
    watchNamespaces({ db, cluster, log }, background.signal),
    listenForWork(deps.databaseAddress, worker.wake, log, background.signal),
  ];
  stack.defer(async () => {
    background.abort();
    await Promise.all(loops);
  });

  const owned = stack.move();
  return {
    url: `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${port}`,
    instance: deps.instance,
    clusterName: deps.clusterName,
    clusterSource: cluster.source,
    databaseName: deps.databaseName,
    processes: deps.processes,
    leftovers: () => leftovers(db, cluster),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function limitsOf(settings: Settings): Limits {
  return {
    cpu: settings.QUOTA_CPU,
    memory: settings.QUOTA_MEMORY,
    pods: settings.QUOTA_PODS,
    services: settings.QUOTA_SERVICES,
    persistentVolumeClaims: settings.QUOTA_PVCS,
    secrets: settings.QUOTA_SECRETS,
    configMaps: settings.QUOTA_CONFIGMAPS,
    defaultCpu: settings.LIMIT_DEFAULT_CPU,
    defaultMemory: settings.LIMIT_DEFAULT_MEMORY,
  };
}
