import { randomBytes } from 'node:crypto';
import { connectGitHub, type ConnectedGitHub } from '@ephemera/github';
import { connectCluster, instanceOwner, findAccess, type Cluster } from '@ephemera/kube';
import type { Logger } from 'pino';
import type { Settings } from '../settings.ts';
import { runChecks, type Check, type Finding, type RunOptions, type Verdict } from './check.ts';
import { clusterClock, githubClock, judgeClocks } from './clock-check.ts';
import { checkCluster, checkRights } from './cluster-checks.ts';
import { checkDatabase } from './database-check.ts';
import { checkDisk } from './disk-check.ts';
import { checkApp, checkInstallations, checkWebhook } from './github-checks.ts';
import { checkGuard } from './guard-check.ts';
import { checkNamedClusters } from './named-clusters-check.ts';
import { probePolicies, tidyMs } from './network/probe.ts';
import { checkOidc } from './oidc-check.ts';
import { checkPrJobNamespaces } from './pr-job-namespaces-check.ts';
import { sandboxNamespaceOf } from '../sandboxes/policy.ts';
import { checkSandboxes } from './sandboxes-check.ts';
import { checkServer } from './server-check.ts';
import { checkSettings, given, type Source } from './settings-check.ts';

export interface DoctorOptions extends RunOptions {
  readonly log: Logger;
  readonly context?: string | undefined;
  /** Where a server is asked whether it is ready. Default: as HOST and PORT say. */
  readonly serverUrl?: string | undefined;
  /** Undefined: the probe of network policies is left out. */
  readonly probeImage?: string | undefined;
}

/** Looks at all that a server needs, without changing anything; what the probe makes is removed. Findings in a fixed order. */
export async function diagnose(sources: readonly Source[], options: DoctorOptions): Promise<Finding[]> {
  await using stack = new AsyncDisposableStack();
  const { settings, verdict } = checkSettings(sources);
  const { log, context, probeImage } = options;

  const database = checkDatabase(settings, log);
  database.catch(() => {});
  // Objects of the probe carry the mark of this database, so that its sweep removes them if this process is killed.
  const instance = database.then(
    (report) => report.instance ?? randomBytes(6).toString('hex'),
    () => randomBytes(6).toString('hex'),
  );
  const marked = once(async () => stack.use(await openCluster(settings, { context, instance: await instance })));
  const cluster = once(async () => stack.use(await openCluster(settings, { context, instance: 'doctor' })));
  // Asked once for all that need it: whoever cannot be reached is told once, and the others say that they wait for it.
  const reached = once(async () => {
    const found = await cluster();
    await found.version({ timeoutMs: 10_000 });
    return found;
  });
  const github = once(async () => connectTo(settings));

  return await runChecks(
    [
      { name: 'settings', run: async () => verdict },
      { name: 'cluster', run: async (signal) => checkCluster(await cluster(), signal) },
      { name: 'cluster-rights', run: needing(reached, 'the cluster does not answer', checkRights) },
      { name: 'database', timeoutMs: 60_000, run: async () => (await database).verdict },
      { name: 'disk', run: async () => checkDisk(settings) },
      { name: 'clock', trouble: 'unknown', run: (signal) => checkClock(settings, reached(), signal) },
      ...githubChecks(settings, github),
      {
        name: 'server',
        run: (signal) => checkServer(options.serverUrl ?? addressOf(settings), signal),
      },
      ...prJobChecks(sources, settings, reached),
      sandboxCheck(sources, settings, reached),
      {
        name: 'network-policies',
        trouble: 'unknown',
        timeoutMs: 180_000,
        tidyMs,
        run: needing(
          async () => {
            await reached();
            return marked();
          },
          'the cluster does not answer',
          (found, signal) =>
            probeImage === undefined
              ? Promise.resolve(notTried)
              : probePolicies({ cluster: found, image: probeImage, suffix: randomBytes(5).toString('hex') }, signal),
        ),
      },
    ],
    options,
  );
}

function prJobChecks(
  sources: readonly Source[],
  settings: Settings,
  reached: () => Promise<Cluster>,
): readonly Check[] {
  const environment = given(sources);
  const wanted = {
    namespaces: settings.PR_JOBS_NAMESPACES,
    builder: settings.PR_JOBS_BUILDER,
    asked: environment['PR_JOBS_NAMESPACES'] !== undefined,
  };
  const silent = 'the cluster does not answer';
  return [
    {
      name: 'pr-jobs-namespaces',
      trouble: wanted.asked ? 'broken' : 'unknown',
      run: needing(reached, silent, (found, signal) => checkPrJobNamespaces(found, wanted, signal)),
    },
    { name: 'pr-jobs-guard', trouble: 'unknown', run: needing(reached, silent, checkGuard) },
    {
      name: 'named-clusters',
      run: (signal) => checkNamedClusters({ environment, allowed: settings.PR_JOBS_CLUSTERS }, signal),
    },
    { name: 'oidc', run: (signal) => checkOidc(settings, signal) },
  ];
}

function sandboxCheck(sources: readonly Source[], settings: Settings, reached: () => Promise<Cluster>): Check {
  const wanted = {
    namespace: sandboxNamespaceOf(settings),
    account: settings.SANDBOXES_SERVICE_ACCOUNT,
    jobNamespaces: settings.PR_JOBS_NAMESPACES,
    asked: given(sources)['SANDBOXES_NAMESPACE'] !== undefined,
  };
  const run = needing(reached, 'the cluster does not answer', (found, signal) => checkSandboxes(found, wanted, signal));
  // To build the runner for the first time takes some seconds.
  return { name: 'sandboxes', trouble: wanted.asked ? 'broken' : 'unknown', timeoutMs: 30_000, run };
}

const notTried: Verdict = {
  ok: null,
  detail: 'not tried',
  hint: 'Without --skip-probe they are tried with three small pods in a namespace of their own, which is removed again.',
};

function githubChecks(settings: Settings, github: () => Promise<ConnectedGitHub>): readonly Check[] {
  if (!settings.github) {
    const verdict: Verdict = {
      ok: null,
      detail: 'no GitHub App is configured: webhooks are answered with 503',
      hint: 'Make one: npx ephemera setup github',
    };
    return ['github-app', 'github-installations', 'webhook'].map((name) => ({ name, run: async () => verdict }));
  }
  const answering = once(async () => {
    const connected = await github();
    await connected.app();
    return connected;
  });
  const silent = 'GitHub does not answer as the App';
  return [
    { name: 'github-app', run: async (signal) => checkApp(await github(), signal) },
    { name: 'github-installations', run: needing(answering, silent, checkInstallations) },
    {
      name: 'webhook',
      run: needing(answering, silent, (connected, signal) => checkWebhook(connected, settings.BASE_DOMAIN, signal)),
    },
  ];
}

async function checkClock(settings: Settings, cluster: Promise<Cluster>, signal: AbortSignal): Promise<Verdict> {
  const clocks = [clusterClock(cluster, signal)];
  if (settings.github) clocks.push(githubClock(settings.github.apiUrl, signal));
  return judgeClocks(await Promise.all(clocks));
}

/** A check of something that another check finds broken cannot say anything, and is not one more thing that is broken. */
function needing<Thing>(
  find: () => Promise<Thing>,
  problem: string,
  run: (thing: Thing, signal: AbortSignal) => Promise<Verdict>,
): Check['run'] {
  return async (signal) => {
    const found = await find().then(
      (thing) => ({ thing }),
      () => undefined,
    );
    return found ? run(found.thing, signal) : { ok: null, detail: `cannot be said: ${problem}` };
  };
}

async function openCluster(
  settings: Settings,
  { context, instance }: { readonly context: string | undefined; readonly instance: string },
): Promise<Cluster> {
  const access = findAccess({
    kubeconfigPath: settings.KUBECONFIG_PATH,
    context,
    preferredContext: settings.CLUSTER_NAME,
  });
  return connectCluster(access, instanceOwner(instance));
}

async function connectTo(settings: Settings): Promise<ConnectedGitHub> {
  if (!settings.github) throw new TypeError('no GitHub App is configured');
  return connectGitHub(settings.github);
}

function addressOf({ HOST: host, PORT: port }: Settings): string {
  // An address that means all of this machine's is no place to go to.
  const own = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return `http://${own.includes(':') ? `[${own}]` : own}:${port}`;
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    made.catch(() => {});
    return made;
  };
}
