import { randomBytes } from 'node:crypto';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { KubeObject, Manifest, ObjectRef } from '@ephemera/model';
import { expect, vi } from 'vitest';
import { connectCluster, instanceOwner, findAccess, refOf, type Cluster, type ClusterAccess } from '../src/index.ts';

/** For everything that the cluster does in its own time. */
export const patience = { timeout: 60_000, interval: 100 };

/** Carried by everything that a test makes behind our back, so that it can be found and removed. */
const runLabel = 'ephemera.test/run';

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** The real cluster, seen by an instance of its own; and kubectl, which sees what is true. */
export interface World extends AsyncDisposable {
  readonly access: ClusterAccess;
  readonly cluster: Cluster;
  readonly instance: string;
  /** A namespace of ours that lasts as long as the world. */
  readonly namespace: string;
  /** A name that nobody else has. */
  name(what: string): string;
  configMap(
    name: string,
    data?: Readonly<Record<string, string>>,
    labels?: Readonly<Record<string, string>>,
  ): ConfigMap;
  /** Makes an object as somebody who is not Ephemera. */
  createAsSomebodyElse(object: KubeObject): Promise<void>;
  gone(ref: ObjectRef): Promise<void>;
}

/** Disposing removes everything and proves that nothing of this world is left. */
export async function startWorld(): Promise<World> {
  const instance = randomBytes(6).toString('hex');
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath, context });
  const cluster = await connectCluster(access, instanceOwner(instance));
  const name = (what: string) => `kube-test-${what}-${instance}`;
  const namespace = name('home');
  await cluster.apply(namespaceOf(namespace));

  async function gone(ref: ObjectRef): Promise<void> {
    // Not `expect.poll`: that works inside tests only, and this also runs after them.
    await vi.waitFor(async () => expect(await cluster.remove(ref)).toEqual({ state: 'gone' }), patience);
  }

  return {
    access,
    cluster,
    instance,
    namespace,
    name,
    gone,
    configMap: (mapName, data = {}, labels = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: mapName, namespace, labels },
      data,
    }),
    createAsSomebodyElse: async (object) => {
      const labels = { ...object.metadata.labels, [runLabel]: instance };
      await kubectl(['create', '-f', '-'], { ...object, metadata: { ...object.metadata, labels } });
    },
    [Symbol.asyncDispose]: async () => {
      const { items } = await cluster.list('v1/Namespace', { labelSelector: cluster.ours });
      await Promise.all(items.map((item) => gone(refOf(item))));
      await kubectl(['delete', madeBehindOurBack, '-l', `${runLabel}=${instance}`, '--ignore-not-found']);
      expect(await left(cluster.ours)).toBe('');
      expect(await left(`${runLabel}=${instance}`)).toBe('');
      await cluster[Symbol.asyncDispose]();
    },
  };
}

const madeBehindOurBack = 'namespaces,validatingadmissionpolicies,validatingadmissionpolicybindings,runtimeclasses';

function left(selector: string): Promise<string> {
  const kinds = `${madeBehindOurBack},pods,configmaps,serviceaccounts,resourcequotas`;
  return kubectl(['get', kinds, '--all-namespaces', '-l', selector, '-o', 'name']);
}

export function namespaceOf(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A pod that runs until it is told to end, which it does at once. */
export function podOf(name: string, namespace: string, container: object = {}): Manifest {
  const command = ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'main', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', command, ...container }],
    },
  };
}
