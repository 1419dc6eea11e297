import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { afterAll, expect, test } from 'vitest';
import { refOf } from '../src/index.ts';
import { namespaceOf, patience, podOf, startWorld, type ConfigMap } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, namespace } = world;

const names = (kind: string, name: string, ...where: string[]) =>
  kubectl(['get', kind, name, ...where, '--ignore-not-found', '-o', 'name']);

test('what does not exist is gone', async () => {
  await expect(cluster.remove(refOf(world.configMap('never')))).resolves.toEqual({ state: 'gone' });
  const elsewhere = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: world.name('never') };
  await expect(cluster.remove(elsewhere)).resolves.toEqual({ state: 'gone' });
});

test('removes an object of ours, and says gone only when it is', async () => {
  const object = world.configMap('ours');
  const { metadata } = await cluster.apply(object);
  await expect(cluster.remove(refOf(object), { uid: metadata.uid })).resolves.toMatchObject({ state: 'removing' });
  await world.gone(refOf(object));
  expect(await names('configmap', 'ours', '-n', namespace)).toBe('');
});

test('an object of the same name with another UID is left alone: the one that was meant is gone', async () => {
  const object = world.configMap('replaced', { generation: '1' });
  const first = await cluster.apply(object);
  await world.gone(refOf(object));
  const second = await cluster.apply(world.configMap('replaced', { generation: '2' }));
  expect(second.metadata.uid).not.toBe(first.metadata.uid);
  await expect(cluster.remove(refOf(object), { uid: first.metadata.uid })).resolves.toEqual({ state: 'gone' });
  const { metadata, data } = await kubectlJson<ConfigMap>('get', 'configmap', 'replaced', '-n', namespace);
  expect(metadata).toMatchObject({ uid: second.metadata.uid, resourceVersion: second.metadata.resourceVersion });
  expect(data).toEqual({ generation: '2' });
});

test.each([
  ['nobody has marked', {}],
  ['another instance made', { 'ephemera.dev/instance': 'other' }],
])('refuses to remove what %s', async (_whose, labels) => {
  const object = world.configMap(`foreign-${Object.keys(labels).length}`, {}, labels);
  await world.createAsSomebodyElse(object);
  await expect(cluster.remove(refOf(object))).rejects.toMatchObject({ code: 'kube.foreign', retryable: false });
  expect(await names('configmap', object.metadata.name, '-n', namespace)).not.toBe('');
});

test('a namespace that cannot go says what holds it, and is gone once nothing does', async () => {
  const held = namespaceOf(world.name('held'));
  const inside = { ...world.configMap('inside'), metadata: { name: 'inside', namespace: held.metadata.name } };
  await cluster.apply(held);
  await cluster.apply(inside);
  const finalizers = (value: string) =>
    kubectl([
      'patch',
      'configmap',
      'inside',
      '-n',
      held.metadata.name,
      '--patch',
      `{"metadata":{"finalizers":${value}}}`,
    ]);
  await finalizers('["ephemera.test/hold"]');

  await expect(cluster.remove(refOf(held))).resolves.toMatchObject({ state: 'removing' });
  await expect
    .poll(() => cluster.remove(refOf(held)), patience)
    .toMatchObject({
      state: 'removing',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/),
      waitingFor: expect.stringMatching(/configmaps.*ephemera\.test\/hold/),
    });
  // The finalizer is somebody's promise: however often we ask, it stays.
  expect(await names('configmap', 'inside', '-n', held.metadata.name)).not.toBe('');

  await finalizers('null');
  await world.gone(refOf(held));
  expect(await names('namespace', held.metadata.name)).toBe('');
});

test('many removals of one namespace at once: none says gone while it is there', async () => {
  const raced = namespaceOf(world.name('raced'));
  await cluster.apply(raced);
  const inside = { ...world.configMap('inside'), metadata: { name: 'inside', namespace: raced.metadata.name } };
  await world.createAsSomebodyElse(
    Object.assign(inside, { metadata: { ...inside.metadata, finalizers: ['ephemera.test/hold'] } }),
  );
  const removals = await Promise.all(Array.from({ length: 10 }, () => cluster.remove(refOf(raced))));
  expect(removals.map(({ state }) => state)).toEqual(removals.map(() => 'removing'));
  await kubectl([
    'patch',
    'configmap',
    'inside',
    '-n',
    raced.metadata.name,
    '--patch',
    '{"metadata":{"finalizers":null}}',
  ]);
  await world.gone(refOf(raced));
});

test('a pod that runs ends and is gone', async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  await expect.poll(() => cluster.get(refOf(account)), patience).toBeDefined();
  const pod = podOf('runs', namespace);
  await cluster.apply(pod);
  await expect
    .poll(() => cluster.get<{ status?: { phase?: string } } & typeof pod>(refOf(pod)), patience)
    .toMatchObject({ status: { phase: 'Running' } });
  await expect(cluster.remove(refOf(pod))).resolves.toEqual({
    state: 'removing',
    since: expect.any(String),
    waitingFor: undefined,
  });
  await world.gone(refOf(pod));
  expect(await names('pod', 'runs', '-n', namespace)).toBe('');
});
