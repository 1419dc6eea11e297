import { connectCluster, findAccess, refOf, type Cluster } from '@ephemera/kube';
import type { Job, KubeObject } from '@ephemera/model';
import { expect, test, vi } from 'vitest';
import { KubernetesJob } from '../iac/pulumi/module/component/kubernetes-job.ts';
import { Resources } from '../iac/pulumi/module/main.ts';
import { parseStackInput } from '../iac/pulumi/module/stack-input/parse.ts';
import { patience, uniqueName } from './cluster.ts';
import { dockerConfigJson, everything, hackManifest, minimal } from './examples.ts';
import { record, type Registered } from './recorder.ts';

// What Pulumi's mocks record is sent to a real API server as it is, run there, and removed in the opposite order.

test('the resources of the hack manifest are accepted, run to completion and go again', async () => {
  const manifest = hackManifest() as { spec: object };
  const target = { ...manifest, spec: { ...manifest.spec, namespace: uniqueName('hack') } };
  const { resources } = await record(() => Resources(parseStackInput(target, 'a test').input));
  await using stack = await applied(resources);
  expect(stack.kinds).toEqual(['Namespace', 'Secret', 'Job']);
  expect(await stack.log()).toEqual(['Processing a batch of 100', 'Done']);
  await stack.destroy();
});

test('the resources of a job with every kind of object are accepted, run and go again', async () => {
  const target = { ...everything(uniqueName('everything')) };
  const value = { target, docker_config_json: dockerConfigJson };
  const { resources } = await record(() => Resources(parseStackInput(value, 'a test').input));
  await using stack = await applied(resources);
  expect(stack.kinds.toSorted()).toEqual(['ConfigMap', 'ConfigMap', 'Job', 'Namespace', 'Secret', 'Secret']);
  expect(await stack.log()).toEqual(['all']);
  await stack.destroy();
});

test('the resources of a component are accepted, run and go again', async () => {
  const { resources } = await record(() => {
    const { metadata, spec } = everything(uniqueName('component'));
    return new KubernetesJob('mine', { metadata, spec, dockerConfigJson });
  });
  await using stack = await applied(resources);
  expect(await stack.log()).toEqual(['all']);
  await stack.destroy();
});

test('a suspended Job is accepted, does not start, and goes again', async () => {
  const spec = { ...minimal.spec, namespace: uniqueName('suspended'), createNamespace: true, suspend: true };
  const { resources } = await record(() => Resources(parseStackInput({ ...minimal, spec }, 'a test').input));
  await using stack = await applied(resources);
  await stack.condition('Suspended');
  await stack.destroy();
});

interface Stack extends AsyncDisposable {
  /** In the order in which they were made. */
  readonly kinds: readonly string[];
  condition(type: string): Promise<void>;
  /** Of the one pod of the Job, once it has completed. */
  log(): Promise<readonly string[]>;
  /** Removes the objects, the last first, each gone before the next is asked for. */
  destroy(): Promise<void>;
}

async function applied(resources: readonly Registered[]): Promise<Stack> {
  const objects = resources
    .filter(({ type }) => type.startsWith('kubernetes:'))
    .map(({ inputs }) => inputs as unknown as KubeObject);
  const cluster = await ownerOf(objects);
  const job = objects.findLast(({ kind }) => kind === 'Job');
  if (job === undefined) throw new Error('no Job was recorded');

  const condition = (type: string) =>
    vi.waitFor(async () => {
      const { status } = (await cluster.get<Job>(refOf(job))) ?? {};
      expect(status?.conditions).toContainEqual(expect.objectContaining({ type, status: 'True' }));
    }, patience);
  const destroy = async () => {
    for (const object of objects.toReversed()) await gone(cluster, object);
  };
  const stack: Stack = {
    kinds: objects.map(({ kind }) => kind),
    condition,
    destroy,
    log: async () => {
      await condition('Complete');
      return logOf(cluster, job);
    },
    [Symbol.asyncDispose]: async () => {
      await destroy();
      await cluster[Symbol.asyncDispose]();
    },
  };
  try {
    for (const object of objects) await cluster.apply(object);
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/** The objects carry the labels of the job: whoever has these owns them. */
function ownerOf(objects: readonly KubeObject[]): Promise<Cluster> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  const labels = objects[0]?.metadata.labels ?? {};
  return connectCluster(findAccess({ kubeconfigPath, context }), { labels });
}

async function gone(cluster: Cluster, object: KubeObject): Promise<void> {
  const options = object.kind === 'Job' ? { propagation: 'Foreground' as const } : {};
  await vi.waitFor(async () => {
    expect(await cluster.remove(refOf(object), options)).toEqual({ state: 'gone' });
  }, patience);
}

async function logOf(cluster: Cluster, job: KubeObject): Promise<readonly string[]> {
  const namespace = job.metadata.namespace ?? '';
  const labelSelector = `batch.kubernetes.io/job-name=${job.metadata.name}`;
  const { items } = await cluster.list<KubeObject>('v1/Pod', { namespace, labelSelector });
  const [pod] = items.map(({ metadata }) => metadata.name);
  if (pod === undefined) throw new Error('the Job has no pod');
  return Array.fromAsync(cluster.logs({ namespace, pod, container: 'job-container' }));
}
