import { randomBytes } from 'node:crypto';
import { connectCluster, findAccess, type Cluster, type ClusterAccess } from '@ephemera/kube';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { KubeObject } from '@ephemera/model';
import { expect, vi } from 'vitest';
import { clusterHost, Sandbox, type ClusterHostOptions, type SandboxOptions } from '../src/index.ts';

/** For everything that the cluster does in its own time. */
export const patience = { timeout: 60_000, interval: 100 };

/** As small as they may be: many of them have to fit beside each other on the node of the tests. */
export const small: SandboxOptions = {
  image: 'busybox:1',
  timeoutMs: 600_000,
  resources: {
    limits: { cpu: '500m', memory: '64Mi', ephemeralStorage: '512Mi' },
    requests: { cpu: '5m', memory: '8Mi', ephemeralStorage: '1Mi' },
  },
};

/** The real cluster, a namespace of its own with the account of sandboxes, and kubectl, which sees what is true. */
export interface World extends AsyncDisposable {
  readonly access: ClusterAccess;
  readonly cluster: Cluster;
  readonly namespace: string;
  host(options?: ClusterHostOptions): ReturnType<typeof clusterHost>;
  /** A small one, on a host of this world. It is removed with the world at the latest. */
  create(options?: SandboxOptions): Promise<Sandbox>;
  apply(object: KubeObject & { readonly [field: string]: unknown }): Promise<void>;
  /** Everything of sandboxes in the namespace, as `kind/name` per line. */
  left(): Promise<readonly string[]>;
  /** Fails unless soon nothing is left. */
  empty(): Promise<void>;
}

const kinds = 'jobs,pods,configmaps,secrets,networkpolicies';

/** Disposing removes everything and proves that nothing of this world is left. */
export async function startWorld(labels: Readonly<Record<string, string>> = {}): Promise<World> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath, context });
  const cluster = await connectCluster(access);
  const namespace = `sandbox-test-${randomBytes(5).toString('hex')}`;
  const apply: World['apply'] = async (object) => {
    await kubectl(['apply', '-f', '-'], object);
  };
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  await apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'ci-fixer-sandbox', namespace },
    automountServiceAccountToken: false,
  });
  const host: World['host'] = (options) => clusterHost({ cluster, namespace, ...options });
  const usual = host();

  const left = async () => {
    const all = await kubectl(['get', kinds, '-n', namespace, '-o', 'name']);
    return all.split('\n').filter((name) => name !== '' && !name.includes('kube-root-ca.crt'));
  };
  return {
    access,
    cluster,
    namespace,
    host,
    create: (options) => Sandbox.create({ on: usual, ...small, ...options }),
    apply,
    left,
    empty: () => vi.waitFor(async () => expect(await left()).toEqual([]), patience),
    [Symbol.asyncDispose]: async () => {
      await kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']);
      // Not `expect.poll`: that works inside tests only.
      const there = () => kubectl(['get', 'namespace', namespace, '-o', 'name', '--ignore-not-found']);
      await vi.waitFor(async () => expect(await there()).toBe(''), { ...patience, timeout: 110_000 });
      await cluster[Symbol.asyncDispose]();
    },
  };
}

/** The object of a sandbox as kubectl sees it. */
export async function seen(world: World, what: string, name: string): Promise<Seen> {
  return JSON.parse(await kubectl(['get', what, name, '-n', world.namespace, '-o', 'json']));
}

/** The one pod of a sandbox, as kubectl sees it. */
export async function podOf(world: World, id: string): Promise<Seen> {
  const listed = await kubectl(['get', 'pods', '-n', world.namespace, '-l', `job-id=${id}`, '-o', 'json']);
  const { items }: { items: Seen[] } = JSON.parse(listed);
  expect(items).toHaveLength(1);
  return items[0] as Seen;
}

export interface Seen {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}
