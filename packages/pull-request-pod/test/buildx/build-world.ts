import { randomBytes } from 'node:crypto';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { connectCluster, findAccess, type Cluster } from '@ephemera/kube';
import { expect, vi } from 'vitest';

/** A namespace of the real cluster, and kubectl, which sees what is true. */
export interface BuildWorld extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** In this namespace. */
  kubectl(...args: string[]): Promise<string>;
  /** `kind/name` of everything in the namespace, of every kind that the cluster knows. Sorted. */
  contents(): Promise<string[]>;
}

/** What every namespace has from its beginning. */
const born = ['configmap/kube-root-ca.crt', 'serviceaccount/default'];

/** Events tell of objects, and expire. */
const uncounted = ['events', 'events.events.k8s.io'];

/** Booting a builder alone takes half a minute. Each look is a process, and a machine that builds has better things to do. */
export const patience = { timeout: 120_000, interval: 1_000 };

export async function startBuildWorld(): Promise<BuildWorld> {
  const namespace = `pr-build-${randomBytes(4).toString('hex')}`;
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath } = process.env;
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await connectCluster(findAccess({ kubeconfigPath })));
  await kubectl(['create', 'namespace', namespace]);
  stack.defer(async () => void (await kubectl(['delete', 'namespace', namespace, '--timeout=110s'])));
  const kinds = await (known ??= listedKinds());
  const contents = async (): Promise<string[]> => {
    const listed = await kubectl(['get', kinds.join(','), '-n', namespace, '-o', 'name', '--ignore-not-found']);
    return listed.split('\n').filter(Boolean).toSorted();
  };
  // Not `expect.poll`, which tests that run side by side cannot share.
  await vi.waitFor(async () => expect(await contents()).toEqual(born), patience);
  const owned = stack.move();
  return {
    cluster,
    namespace,
    kubectl: (...args) => kubectl(['-n', namespace, ...args]),
    contents,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The same for all worlds. */
let known: Promise<string[]> | undefined;

/** Kinds of other tests come and go; those of Kubernetes itself stay. */
async function listedKinds(): Promise<string[]> {
  const listed = await kubectl(['api-resources', '--namespaced', '--verbs=list', '-o', 'name']);
  const builtIn = /^[a-z]+(\.(apps|batch|autoscaling|policy|([a-z.]+\.)?k8s\.io))?$/;
  return listed.split('\n').filter((kind) => builtIn.test(kind) && !uncounted.includes(kind));
}
