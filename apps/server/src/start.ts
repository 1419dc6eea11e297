import type { AddressInfo } from 'node:net';
import { buildApp } from './app.ts';
import { messageOf, type EphemeraError } from '@ephemera/model';
import { namedClusters } from '@ephemera/pull-request-pod';
import { clusterHost } from '@ephemera/sandbox';
import { connect, type ConnectOptions } from './deps.ts';
import { CannotListen } from './errors.ts';
import type { Limits } from './environment/objects.ts';
import { reconcileEnvironment } from './environment/reconcile.ts';
import { watchNamespaces } from './environment/watch.ts';
import { refreshInstallation } from './installation/refresh.ts';
import { whileInstalled } from './installation/gate.ts';
import { observePullRequest } from './pull-request/observe.ts';
import { leftovers } from './ledger/leftovers.ts';
import { namedInLogs } from './logging/context.ts';
import { createMetrics } from './metrics/metrics.ts';
import { countMilestone } from './metrics/milestones.ts';
import { observedCluster, observedGitHub } from './metrics/observed.ts';
import { oidcSettings } from './oidc/settings.ts';
import { publishReport } from './report/publish.ts';
import { refreshRepository } from './repository/refresh.ts';
import { createClusters } from './pr-jobs/clusters.ts';
import { policyOf } from './pr-jobs/policy.ts';
import { clusterHosts } from './sandboxes/hosts.ts';
import { sandboxNamespaceOf, sandboxPolicyOf } from './sandboxes/policy.ts';
import type { Settings } from './settings.ts';
import { hasUsableToken } from './store/tokens.ts';
import type { TokenOrder } from './tokens/order.ts';
import { createToken } from './tokens/tokens.ts';
import { closeHttp, drain } from './shutdown.ts';
import type { WorkKind } from './store/schema.ts';
import { ensureScheduledSweep } from './store/sweeps.ts';
import { compareInstallation, sweep } from './sweep/sweep.ts';
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
  /** Settles when the server can no longer go on, with the reason: somebody restored a backup under it. */
  readonly lost: Promise<EphemeraError>;
  /** The processes that this server has started and that still run, also after its end. */
  processes(): string[];
  /** Whether anybody has a token that works. */
  hasTokens(): Promise<boolean>;
  /** Makes a token for the API, and returns its text: it is kept nowhere else. Throws `token.invalid` or `token.name_taken`. */
  createToken(order: TokenOrder): Promise<string>;
  /** What exists outside for this server right now, as `kind/namespace/name`: objects with our mark, and open lines of the ledger. */
  leftovers(): Promise<string[]>;
}

export interface StartOptions extends ConnectOptions {
  /** Called when database, cluster and GitHub are connected, before anything is served. */
  readonly onConnected?: () => void;
  /** Where KUBECONFIG_<NAME> are looked for. Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** How many keys one server works on at once: they wait for the cluster and GitHub, not for a processor. */
const concurrency = 16;
/** Work that waits for GitHub. */
const asksGitHub: readonly WorkKind[] = ['pull-request', 'report', 'repository', 'installation', 'sweep'];

/** The composition root: the only place that knows everybody. Disposing drains the work, then closes everything in reverse order. */
export async function startServer(settings: Settings, options: StartOptions): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  const { log } = options;
  const deps = stack.use(await connect(settings, options));
  options.onConnected?.();
  const { db } = deps;
  const overdueAfterMs = settings.DESTROY_FAILED_AFTER_SECONDS * 1000;
  const metrics = createMetrics({
    db,
    overdueAfterMs,
    writeLimits: { minute: settings.GITHUB_WRITES_PER_MINUTE, hour: settings.GITHUB_WRITES_PER_HOUR },
    log,
  });
  const cluster = observedCluster(deps.cluster, metrics);
  const github = deps.github && observedGitHub(deps.github, metrics);
  const { environment = process.env } = options;
  const clusters = stack.use(
    createClusters({
      own: observedCluster(deps.jobsCluster, metrics),
      ownNames: [deps.clusterName, cluster.name],
      instance: deps.instance,
      environment,
      allowed: settings.PR_JOBS_CLUSTERS,
      observe: (named) => observedCluster(named, metrics),
    }),
  );
  const sandboxesCluster = observedCluster(deps.sandboxesCluster, metrics);
  const stopping = new AbortController();
  const answering = { now: 0 };
  let publicPort = settings.PUBLIC_PORT ?? settings.PORT;

  // Without an App there is nothing to ask and nobody to tell; the work waits for a start with one.
  const withoutGitHub: Handler = async () => again({ afterMs: 300_000, because: 'no GitHub App is configured' });
  const sweepDeps = {
    db,
    cluster,
    github,
    drafts: settings.DRAFTS,
    limits: limitsOf(settings),
    graceMs: settings.SWEEP_GRACE_SECONDS * 1000,
    prJobs: {
      clusters,
      instance: deps.instance,
      namespaces: settings.PR_JOBS_NAMESPACES,
      named: namedClusters(environment).map(({ name }) => name),
    },
    sandboxes: {
      hostIn: (namespace: string) => clusterHost({ cluster: sandboxesCluster, namespace, instance: deps.instance }),
      namespace: sandboxNamespaceOf(settings),
    },
    log,
  };
  await ensureScheduledSweep(db);
  const worker = createWorker({
    db,
    owner: deps.workerId,
    leaseMs: settings.WORK_LEASE_SECONDS * 1000,
    concurrency,
    // An environment never waits until GitHub answers.
    limited: { kinds: asksGitHub, most: concurrency / 2 },
    // The sweep comes back to them. An environment is never given up: what is not removed would stay.
    parks: asksGitHub,
    yieldTo: () => answering.now > 0,
    onRun: metrics.ran,
    log,
    handlers: namedInLogs({
      environment: reconcileEnvironment({
        db,
        cluster,
        limits: limitsOf(settings),
        failedAfterMs: overdueAfterMs,
        now: () => new Date(),
        log,
        onRun: (before, after) => countMilestone(db, metrics, before, after),
      }),
      'pull-request': github
        ? whileInstalled(
            { db, log },
            observePullRequest({
              db,
              github,
              instance: deps.instance,
              drafts: settings.DRAFTS,
              baseDomain: settings.BASE_DOMAIN,
              publicUrl: { scheme: settings.PUBLIC_SCHEME, port: () => publicPort },
              log,
            }),
          )
        : withoutGitHub,
      report: github ? publishReport({ db, github, log }) : withoutGitHub,
      repository: github ? refreshRepository({ db, github, log }) : withoutGitHub,
      installation: github
        ? refreshInstallation({ github, compare: compareInstallation(sweepDeps, github), log })
        : withoutGitHub,
      sweep: sweep({ ...sweepDeps, everyMs: settings.SWEEP_EVERY_SECONDS * 1000 }),
    }),
  });

  const app = await buildApp({
    db,
    intakeDb: deps.intakeDb,
    cluster,
    clusterName: deps.clusterName,
    baseDomain: settings.BASE_DOMAIN,
    webhookSecrets: settings.github?.webhookSecrets,
    wake: worker.wake,
    answering,
    oidc: oidcSettings(settings),
    github,
    prJobs: { clusters, instance: deps.instance, policy: policyOf(settings) },
    sandboxes: {
      hostOf: clusterHosts({ cluster: sandboxesCluster, instance: deps.instance }),
      policy: sandboxPolicyOf(settings),
    },
    metrics,
    stopping: stopping.signal,
    log,
  });
  stack.defer(() => closeHttp(app));
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

  // Disposed in reverse: not ready at once, then the work is drained, then nothing is listened to any more.
  stack.defer(() => drain(worker, db, log));
  stack.defer(() => stopping.abort());

  const owned = stack.move();
  return {
    url: `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${port}`,
    instance: deps.instance,
    clusterName: deps.clusterName,
    clusterSource: cluster.source,
    databaseName: deps.databaseName,
    lost: deps.databaseLost,
    processes: deps.processes,
    hasTokens: () => hasUsableToken(db),
    createToken: async (order) => (await createToken(db, order)).text,
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
