import { randomBytes } from 'node:crypto';
import { connectCluster, findAccess, type Cluster, type ClusterAccess } from '@ephemera/kube';
import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import type { KubeObject, Manifest } from '@ephemera/model';
import { expect, vi } from 'vitest';
import { checkOrder, type CheckedOrder, type PullRequestPodOptions } from '../src/index.ts';

/** For everything that the cluster does in its own time. */
export const patience = { timeout: 60_000, interval: 100 };

/** Carried by every namespace that a test makes, so that it can be found and removed. */
const runLabel = 'ephemera.test/run';

/** The real cluster as its administrator, and kubectl, which sees what is true. */
export interface World extends AsyncDisposable {
  readonly access: ClusterAccess;
  readonly cluster: Cluster;
  /** A new namespace of its own, in which no pod may be made: most tests are about objects, and pods are what costs time. */
  namespace(what: string, labels?: Readonly<Record<string, string>>): Promise<string>;
  /** A new namespace of its own in which pods run. */
  namespaceWithPods(what: string): Promise<string>;
  /** A name that nobody else has, of a namespace that nobody has made. */
  unused(what: string): string;
  /** An account that may do in the namespace what the rules say, and beyond it what `anywhere` says. */
  accountWith(namespace: string, rights: Rights): Promise<Cluster>;
}

export interface Rights {
  readonly inside: readonly object[];
  readonly anywhere?: readonly object[];
}

/** Until the cluster says so. Not `expect.poll`, which tests that run side by side cannot share. */
export async function eventually<Value>(read: () => Promise<Value>, expected: Value): Promise<void> {
  await vi.waitFor(async () => expect(await read()).toEqual(expected), patience);
}

/** An order as a caller writes it, of an image that is there. */
export function order(options: PullRequestPodOptions): CheckedOrder {
  return checkOrder({ image: 'busybox:1', ...options });
}

/** A repository whose job gets a Secret. */
export const privateRepository = {
  url: 'https://git.example/shop.git',
  branch: 'feat/cart',
  pullRequest: 7,
  imageName: 'registry.example/shop:7',
  token: 'secret-token',
};

/** What a namespace of these tests has from the beginning. */
const inEvery = new Set(['ServiceAccount/default', 'ConfigMap/kube-root-ca.crt', 'ResourceQuota/no-pods']);

/** `kind/name` of everything in a namespace, of every kind that the cluster knows, but events and what every namespace has. */
export async function everythingIn(cluster: Cluster, namespace: string): Promise<readonly string[]> {
  const { objects, unknown } = await cluster.everythingIn({ namespace, counts: () => true, atMost: 1_000 });
  expect(unknown).toEqual([]);
  return objects
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .filter((text) => !text.startsWith('Event/') && !inEvery.has(text))
    .toSorted();
}

/** Makes objects as somebody who is not us. */
export async function createAsSomebodyElse(...items: readonly (Manifest | KubeObject)[]): Promise<void> {
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
}

/** Changes an object as somebody who is not us, by a merge patch. */
export async function patchAsSomebodyElse(what: string, namespace: string, patch: object): Promise<void> {
  const [kind = '', name = ''] = what.split('/');
  await kubectl(['patch', kind, name, '-n', namespace, '--type=merge', '-p', JSON.stringify(patch)]);
}

/** The kinds of owner and their UIDs that an object has. */
export async function ownersOf(what: string, namespace: string): Promise<readonly string[]> {
  const object = await kubectlJson<{ metadata: { ownerReferences?: { kind: string; uid: string }[] } }>(
    'get',
    what,
    '-n',
    namespace,
  );
  return (object.metadata.ownerReferences ?? []).map(({ kind, uid }) => `${kind}/${uid}`).toSorted();
}

/** Disposing removes everything and proves that nothing of this world is left. */
export async function startWorld(): Promise<World> {
  const run = randomBytes(4).toString('hex');
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const access = findAccess({ kubeconfigPath, context });
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await connectCluster(access));
  const unused = (what: string) => `prj-${what}-${run}`;
  const labelled = ['-l', `${runLabel}=${run}`, '--ignore-not-found'];
  stack.defer(async () => {
    await kubectl(['delete', 'clusterrolebindings,clusterroles', ...labelled]);
    await kubectl(['delete', 'namespaces', ...labelled, '--wait=false']);
    const left = () => kubectl(['get', 'namespaces,clusterroles,clusterrolebindings', ...labelled, '-o', 'name']);
    // Not `expect.poll`: that works inside tests only.
    await vi.waitFor(async () => expect(await left()).toBe(''), { ...patience, timeout: 110_000 });
  });

  const makeNamespace = async (name: string, labels: Readonly<Record<string, string>>, more: readonly Manifest[]) => {
    const metadata = { name, labels: { ...labels, [runLabel]: run } };
    await createAsSomebodyElse({ apiVersion: 'v1', kind: 'Namespace', metadata }, ...more);
    return name;
  };
  const namespace: World['namespace'] = (what, labels = {}) => {
    const name = unused(what);
    const metadata = { name: 'no-pods', namespace: name };
    return makeNamespace(name, labels, [
      { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '0' } } },
    ]);
  };
  const namespaceWithPods = async (what: string): Promise<string> => {
    const name = await makeNamespace(unused(what), {}, []);
    // No pod can be made before this is there.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: name, name: 'default' };
    await vi.waitFor(async () => expect(await cluster.get(account)).toBeDefined(), patience);
    return name;
  };

  const accountWith: World['accountWith'] = async (where, { inside, anywhere = [] }) => {
    const name = `account-${randomBytes(4).toString('hex')}`;
    const apiGroup = 'rbac.authorization.k8s.io';
    const subjects = [{ kind: 'ServiceAccount', name, namespace: where }];
    const wide = { name: unused(name), labels: { [runLabel]: run } };
    const narrow = { name, namespace: where };
    const bind = (kind: string, roleRef: object, metadata: KubeObject['metadata']) => ({
      apiVersion: `${apiGroup}/v1`,
      kind,
      metadata,
      subjects,
      roleRef,
    });
    const objects = [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: narrow },
      { apiVersion: `${apiGroup}/v1`, kind: 'Role', metadata: narrow, rules: inside },
      bind('RoleBinding', { apiGroup, kind: 'Role', name }, narrow),
      { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', metadata: wide, rules: anywhere },
      bind('ClusterRoleBinding', { apiGroup, kind: 'ClusterRole', name: wide.name }, wide),
    ];
    await createAsSomebodyElse(...objects);
    const token = (await kubectl(['create', 'token', name, '-n', where])).trim();
    return owned.use(await connectCluster({ ...access, identity: async () => ({ authorization: `Bearer ${token}` }) }));
  };

  const owned = stack.move();
  return {
    access,
    cluster,
    namespace,
    namespaceWithPods,
    unused,
    accountWith,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
