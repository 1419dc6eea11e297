import { randomBytes } from 'node:crypto';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { Manifest } from '@ephemera/model';
import { expect, vi } from 'vitest';
import { guardObjects, roleBindingObject, roleObject, serviceAccountObject } from '../src/index.ts';
import { workload } from './workloads.ts';

export const patience = { timeout: 60_000, interval: 200 };
const runLabel = 'ephemera.test/run';

/** Namespaces with the account of a job called `guarded`, and the guard in force. */
export interface GuardWorld extends AsyncDisposable {
  /** The first of the namespaces. */
  readonly namespace: string;
  /** Another one, with the labels. */
  namespaceWith(labels: Readonly<Record<string, string>>): Promise<string>;
  /** kubectl as the account of the job. */
  asAccount(...args: readonly string[]): Promise<string>;
  /** What the cluster says of each object that it does not take from the account, by the object's name. Nothing is made. */
  refusals(objects: readonly Manifest[], as?: string): Promise<ReadonlyMap<string, string>>;
}

/** Names of builders of the account's own job, one after the other. */
export const own = (index: number) => `pr-job-guarded-${1_767_225_600_000 + index}`;

/** Accounts of the namespaces that the guard is not about. */
export const others = ['somebody', 'guarded-buildx-sa-2'];

export const account = (namespace: string, name = 'guarded-buildx-sa') => `system:serviceaccount:${namespace}:${name}`;

export async function create(object: object): Promise<void> {
  await kubectl(['create', '-f', '-'], object);
}

export async function startGuardWorld(): Promise<GuardWorld> {
  const run = randomBytes(4).toString('hex');
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    await kubectl(['delete', 'namespaces', '-l', `${runLabel}=${run}`, '--ignore-not-found', '--wait=true']);
  });
  const namespace = `pr-guard-${run}`;
  await makeNamespace(namespace, { [runLabel]: run });
  const refusals = (objects: readonly Manifest[], as = account(namespace)) => refusalsOf(objects, as);
  // As whoever makes a job applies it; it is shared, so it stays.
  for (const object of guardObjects())
    await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=ephemera', '-f', '-'], object);
  const name = 'not-of-a-job';
  await vi.waitFor(async () => {
    const found = await refusals([workload('Deployment', { name, namespace })]);
    expect(found.get(name)).toContain('of other names');
  }, patience);
  const owned = stack.move();
  return {
    namespace,
    namespaceWith: async (labels) => {
      const another = `pr-guard-labelled-${run}`;
      await makeNamespace(another, { ...labels, [runLabel]: run });
      return another;
    },
    asAccount: (...args) => kubectl([...args, '-n', namespace, `--as=${account(namespace)}`]),
    refusals,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function makeNamespace(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  const place = { name: 'guarded', namespace: name };
  for (const object of [serviceAccountObject(place), roleObject(place, 'seed'), roleBindingObject(place)])
    await create(object);
  // Also what a job's Role does not allow, so that it is the guard that refuses.
  await create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'somebody', namespace: name } });
  await create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'edit', namespace: name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
    subjects: ['guarded-buildx-sa', ...others].map((subject) => ({
      kind: 'ServiceAccount',
      name: subject,
      namespace: name,
    })),
  });
  await vi.waitFor(() => kubectl(['get', 'serviceaccount', 'default', '-n', name]), patience);
}

async function refusalsOf(objects: readonly Manifest[], as: string): Promise<ReadonlyMap<string, string>> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  try {
    await kubectl(['create', '--dry-run=server', `--as=${as}`, '-f', '-'], list);
    return new Map();
  } catch (error) {
    const lines = String(error).split('\n');
    return new Map(
      lines.flatMap((line) => {
        const name = / "([^"]+)" is (?:forbidden|invalid)/.exec(line)?.[1];
        return name === undefined ? [] : [[name, line]];
      }),
    );
  }
}
