import { randomBytes } from 'node:crypto';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { connectCluster, findAccess, type Cluster } from '@ephemera/kube';
import type { KubeObject, Pod } from '@ephemera/model';
import { expect, vi } from 'vitest';
import {
  followJob,
  jobLabels,
  runJob,
  type FollowOptions,
  type JobEvent,
  type JobFate,
  type JobRef,
  type KubernetesJobManifest,
  type RunOptions,
  type StartedJob,
} from '../src/run/index.ts';

/** For everything that the cluster does in its own time. */
const patience = { timeout: 60_000, interval: 100 };

/** Carried by everything that a test makes, so that it can be found and removed. */
const runLabel = 'ephemera.test/run';

type Spec = Omit<KubernetesJobManifest['spec'], 'namespace' | 'image'> &
  Partial<Pick<KubernetesJobManifest['spec'], 'namespace' | 'image'>>;

/** The real cluster, and kubectl, which sees what is true. */
export interface World extends AsyncDisposable {
  readonly cluster: Cluster;
  /** A namespace that no job made. */
  readonly namespace: string;
  /** A name for a namespace that nobody else has. */
  name(what: string): string;
  /** A job of busybox in that namespace, with little resources. */
  job(name: string, spec: Spec, metadata?: object): KubernetesJobManifest;
  /** Makes an object as somebody who is no KubernetesJob. */
  createAsSomebodyElse(object: KubeObject & { readonly [field: string]: unknown }): Promise<void>;
  run(manifest: KubernetesJobManifest, options?: RunOptions): Promise<StartedJob>;
  follow(ref: JobRef, options?: Partial<FollowOptions>): Promise<Followed>;
  /** Applies and follows to the end. */
  runToEnd(manifest: KubernetesJobManifest, options?: Partial<FollowOptions>): Promise<Followed>;
  pods(job: JobRef): Promise<readonly Pod[]>;
}

export interface Followed {
  readonly fate: JobFate;
  readonly events: readonly JobEvent[];
  /** All log lines in the order in which they came. */
  readonly lines: readonly string[];
}

/** Until the cluster says so. Not `expect.poll`, which tests that run side by side cannot share. */
export async function eventually<Value>(read: () => Promise<Value>, expected: Value): Promise<void> {
  await vi.waitFor(async () => expect(await read()).toEqual(expected), patience);
}

/** A command line for the shell of busybox. */
export const shell = (script: string) => ({ command: ['sh', '-c', script] });

/** Runs until it is told to end, which it does at once. */
export const forEver = shell('trap exit TERM; echo began; while :; do sleep 1 & wait $!; done');

/** Disposing removes everything and proves that nothing of this world is left. */
export async function startWorld(): Promise<World> {
  const run = randomBytes(5).toString('hex');
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const cluster = await connectCluster(findAccess({ kubeconfigPath, context }));
  const name = (what: string) => `job-test-${what}-${run}`;
  const namespace = name('home');

  const createAsSomebodyElse: World['createAsSomebodyElse'] = async (object) => {
    const labels = { ...object.metadata.labels, [runLabel]: run };
    await kubectl(['create', '-f', '-'], { ...object, metadata: { ...object.metadata, labels } });
  };
  await createAsSomebodyElse({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });

  const follow: World['follow'] = async (ref, options = {}) => {
    const events: JobEvent[] = [];
    const fate = await followJob(cluster, ref, {
      ...options,
      onEvent: async (event) => {
        events.push(event);
        await options.onEvent?.(event);
      },
    });
    return { fate, events, lines: events.flatMap((event) => (event.type === 'log' ? [event.line] : [])) };
  };

  return {
    cluster,
    namespace,
    name,
    createAsSomebodyElse,
    job: (jobName, spec, metadata = {}) => ({
      apiVersion: 'kubernetes.project-planton.org/v1',
      kind: 'KubernetesJob',
      metadata: { name: jobName, labels: { [runLabel]: run }, ...metadata },
      spec: {
        namespace,
        image: { repo: 'busybox', tag: '1' },
        resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '10m', memory: '8Mi' } },
        ...spec,
      },
    }),
    run: (manifest, options) => runJob(cluster, manifest, options),
    follow,
    runToEnd: async (manifest, options) => follow(await runJob(cluster, manifest), options),
    pods: async (job) => {
      const labelSelector = `${jobLabels.resourceName}=${job.name}`;
      return (await cluster.list<Pod>('v1/Pod', { namespace: job.namespace, labelSelector })).items;
    },
    [Symbol.asyncDispose]: async () => {
      const left = () =>
        kubectl(['get', everyKind, '--all-namespaces', '-l', `${runLabel}=${run}`, '-o', 'name', '--ignore-not-found']);
      await kubectl(['delete', 'namespaces', '-l', `${runLabel}=${run}`, '--ignore-not-found', '--wait=false']);
      // Not `expect.poll`: that works inside tests only.
      await vi.waitFor(async () => expect(await left()).toBe(''), { ...patience, timeout: 110_000 });
      await cluster[Symbol.asyncDispose]();
    },
  };
}

/** The cluster as an account that may do everywhere what the rules say. Disposing takes the rights back. */
export async function accountWith(
  world: World,
  what: string,
  rules: readonly object[],
): Promise<{ readonly cluster: Cluster } & AsyncDisposable> {
  const { namespace } = world;
  const name = world.name(what);
  const rbac = 'rbac.authorization.k8s.io';
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await kubectl(['delete', 'clusterrolebinding,clusterrole', name, '--ignore-not-found']);
  });
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name };
  const metadata = { name };
  await world.createAsSomebodyElse({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  await world.createAsSomebodyElse({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules });
  await world.createAsSomebodyElse({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    subjects,
    roleRef,
  });
  const cluster = stack.use(await connectAs(name, namespace));
  const owned = stack.move();
  return { cluster, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The cluster as a service account, by a token of its own. */
export async function connectAs(account: string, namespace: string): Promise<Cluster> {
  const token = (await kubectl(['create', 'token', account, '-n', namespace])).trim();
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath, context });
  return connectCluster({ ...access, identity: async () => ({ authorization: `Bearer ${token}` }) });
}

const everyKind = 'namespaces,jobs,pods,secrets,configmaps,persistentvolumeclaims,resourcequotas';
