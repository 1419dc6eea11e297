import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { Job, KubeObject, Pod } from '@ephemera/model';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectCluster, explainEnd, explainPods, instanceOwner } from '../src/index.ts';
import { brokenJob, explain, look } from './broken-job.ts';
import { rows, soon } from './broken-rows.ts';
import { namespaceOf, patience, startWorld, type World } from './world.ts';

let world: World;
const jobs = new Map<string, Job>();

beforeAll(async () => {
  world = await startWorld();
  const { cluster, namespace } = world;
  const make = (kind: string, room: string, body: object) => {
    const metadata = { name: 'few', namespace: world.name(room) };
    return cluster.apply({ apiVersion: 'v1', kind, metadata, ...body });
  };
  const level = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await Promise.all([
    ...['quota', 'limits-wanted', 'ranged'].map((room) => cluster.apply(namespaceOf(world.name(room)))),
    cluster.apply(namespaceOf(world.name('restricted'), level)),
  ]);
  await Promise.all([
    make('ResourceQuota', 'quota', { spec: { hard: { pods: '0' } } }),
    make('ResourceQuota', 'limits-wanted', { spec: { hard: { 'limits.cpu': '1' } } }),
    make('LimitRange', 'ranged', { spec: { limits: [{ type: 'Container', max: { cpu: '1', memory: '1Gi' } }] } }),
    cluster.apply(world.configMap('some', { a: '1' })),
    cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'some', namespace },
      stringData: { a: '1' },
    } as KubeObject),
  ]);
  // All at once: most of them take a while to go wrong.
  for (const [name, { broken }] of Object.entries(rows)) {
    const room = broken.namespace === undefined ? {} : { namespace: world.name(broken.namespace) };
    jobs.set(name, brokenJob(world, name, { ...broken, ...room }));
  }
  await Promise.all([...jobs.values()].map((job) => cluster.apply(job)));
});
afterAll(() => world[Symbol.asyncDispose]());

function made(name: string): Job {
  const job = jobs.get(name);
  if (job === undefined) throw new Error(`no job ${name}`);
  return job;
}

test.each(Object.entries(rows))('%s is explained in the words of the cluster', async (name, row) => {
  const { code, final, retryable, says, graces } = row;
  await expect
    .poll(() => explain(world, made(name), graces), { ...patience, timeout: 90_000, interval: 250 })
    .toMatchObject({ code, final, retryable, message: expect.stringMatching(says) });
});

test('a runtime that the node has not keeps the pod from its sandbox', async () => {
  const runtimeClassName = `nowhere-${world.instance}`;
  await world.createAsSomebodyElse({
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: runtimeClassName },
    handler: 'nowhere',
  } as KubeObject);
  const job = brokenJob(world, 'runtime-missing', { pod: { runtimeClassName } });
  await world.cluster.apply(job);
  await expect
    .poll(() => explain(world, job, soon), patience)
    .toMatchObject({
      code: 'pod.create',
      final: true,
      message: expect.stringMatching(
        /cannot start: Failed to create pod sandbox: .*no runtime for "nowhere" is configured\.$/,
      ),
      hint: expect.stringContaining('runtimeClassName'),
    });
});

test('a pod that is evicted by the API is told while it ends', async () => {
  const job = brokenJob(world, 'evicted');
  await world.cluster.apply(job);
  await expect.poll(async () => (await look(world, job)).pods[0]?.status?.phase, patience).toBe('Running');
  const metadata = { name: (await look(world, job)).pods[0]?.metadata.name, namespace: world.namespace };
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/eviction`;
  await kubectl(['create', '--raw', path, '-f', '-'], { apiVersion: 'policy/v1', kind: 'Eviction', metadata });
  await expect
    .poll(() => explain(world, job), patience)
    .toMatchObject({
      code: 'pod.evicted',
      retryable: true,
      message: expect.stringMatching(/was evicted \(node \S+\): EvictionByEvictionAPI: Eviction API: evicting\.$/),
    });
});

test('a Job that works has no diagnosis at any moment', async () => {
  const job = brokenJob(world, 'fine', { container: { command: ['sh', '-c', 'sleep 2'] }, job: { completions: 2 } });
  await world.cluster.apply(job);
  const told: unknown[] = [];
  await expect
    .poll(async () => {
      const diagnosis = await explain(world, job);
      if (diagnosis !== undefined) told.push(diagnosis);
      return (await look(world, job)).job?.status?.succeeded;
    }, patience)
    .toBe(2);
  expect(told).toEqual([]);
});

test('the end of a Job names pod, container, exit code and reason', async () => {
  const twice = brokenJob(world, 'twice', { container: { command: ['sh', '-c', 'exit 3'] }, job: { backoffLimit: 1 } });
  const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
  const ruled = brokenJob(world, 'ruled', {
    container: { command: ['sh', '-c', 'exit 42'] },
    job: { backoffLimit: 6, podFailurePolicy: { rules } },
  });
  await Promise.all([world.cluster.apply(twice), world.cluster.apply(ruled)]);
  const end = async (broken: Job) => {
    const { job, pods } = await look(world, broken);
    return job && explainEnd(job, pods);
  };
  await expect
    .poll(() => end(twice), patience)
    .toMatchObject({
      reason: 'BackoffLimitExceeded',
      message: expect.stringMatching(
        /^Job twice failed .* after 2 failed pods: Container main of pod twice-\w+ ended with exit code 3\.$/,
      ),
      failed: 2,
      container: 'main',
      exitCode: 3,
    });
  await expect
    .poll(() => end(ruled), patience)
    .toMatchObject({
      reason: 'PodFailurePolicy',
      message: expect.stringMatching(
        /: Container main for pod \S+ failed with exit code 42 matching FailJob rule at index 0\.$/,
      ),
      failed: 1,
      exitCode: 42,
    });
});

test('a Job that removes its pods at its end is explained by what was seen of them', async () => {
  const broken = brokenJob(world, 'restarted', {
    container: { command: ['sh', '-c', 'exit 3'] },
    pod: { restartPolicy: 'OnFailure' },
    job: { backoffLimit: 1 },
  });
  await world.cluster.apply(broken);
  const seen = new Map<string, Pod>();
  const end = async () => {
    const { job, pods } = await look(world, broken);
    for (const pod of pods) seen.set(pod.metadata.name, pod);
    return job && explainEnd(job, [...seen.values()]);
  };
  await expect.poll(end, patience).toMatchObject({ reason: 'BackoffLimitExceeded', container: 'main', exitCode: 3 });
  await expect.poll(async () => (await look(world, broken)).pods, patience).toEqual([]);
  expect(await end()).toMatchObject({ exitCode: 3, diagnosis: { code: 'pod.crashed', final: true } });
});

test('an account that may not list events is still told what the states of the pods say', async () => {
  const token = (await kubectl(['create', 'token', 'default', '-n', world.namespace])).trim();
  const identity = async () => ({ authorization: `Bearer ${token}` });
  const access = { ...world.access, tokenFile: undefined, identity };
  await using powerless = await connectCluster(access, instanceOwner(world.instance));
  const told = async (name: string) => {
    const seen = await look(world, made(name));
    return explainPods(powerless, { namespace: world.namespace, ...seen });
  };
  await expect
    .poll(() => told('secret-missing'), patience)
    .toMatchObject({
      code: 'pod.config',
      hint: expect.stringContaining('The account may not list events in this namespace'),
    });
  await expect.poll(() => told('account-missing'), patience).toMatchObject({ code: 'pod.missing', final: false });
});
