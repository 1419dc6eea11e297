import { kubectl, kubectlJson } from '@ephemera/local-cluster/kubectl';
import { refOf, connectCluster, instanceOwner } from '../src/index.ts';
import type { KubeObject, Manifest } from '@ephemera/model';
import { afterAll, expect, test } from 'vitest';
import { namespaceOf, patience, startWorld, type ConfigMap } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, namespace, instance } = world;

const truth = (name: string) => kubectlJson<ConfigMap>('get', 'configmap', name, '-n', namespace);

interface Managed {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string; readonly operation: string }[] };
}

test('makes the object with the mark of its owner and under one field manager', async () => {
  const applied = await cluster.apply(world.configMap('made', { colour: 'blue' }, { tier: 'web' }));
  expect(applied).toMatchObject({ data: { colour: 'blue' }, metadata: { uid: expect.any(String) } });
  expect((await truth('made')).metadata.labels).toEqual({ tier: 'web', 'ephemera.dev/instance': instance });
  const { metadata } = await kubectlJson<Managed>('get', 'configmap', 'made', '-n', namespace, '--show-managed-fields');
  expect(metadata.managedFields).toMatchObject([{ manager: 'ephemera', operation: 'Apply' }]);
});

test('again changes nothing', async () => {
  const first = await cluster.apply(world.configMap('same', { colour: 'blue' }));
  const second = await cluster.apply(world.configMap('same', { colour: 'blue' }));
  expect(second.metadata).toEqual(first.metadata);
});

test('changes a field, adds one, and removes one that the manifest no longer has', async () => {
  const first = await cluster.apply(world.configMap('changing', { colour: 'blue', size: 'large' }, { old: 'yes' }));
  await cluster.apply(world.configMap('changing', { colour: 'red', shape: 'round' }, { new: 'yes' }));
  const { data, metadata } = await truth('changing');
  expect(data).toEqual({ colour: 'red', shape: 'round' });
  expect(metadata.labels).toEqual({ new: 'yes', 'ephemera.dev/instance': instance });
  expect(metadata.uid).toBe(first.metadata.uid);
});

test('leaves what others added and takes back what they changed', async () => {
  const object = world.configMap('shared', { colour: 'blue' });
  await cluster.apply(object);
  await kubectl(['annotate', 'configmap', 'shared', '-n', namespace, 'note=theirs']);
  await kubectl([
    'patch',
    'configmap',
    'shared',
    '-n',
    namespace,
    '--patch',
    '{"data":{"colour":"pink","extra":"theirs"}}',
  ]);
  await cluster.apply(object);
  const { data, metadata } = await truth('shared');
  expect(data).toEqual({ colour: 'blue', extra: 'theirs' });
  expect(metadata.annotations).toEqual({ note: 'theirs' });
});

test('a label of the manifest cannot pretend another owner', async () => {
  await cluster.apply(world.configMap('pretending', {}, { 'ephemera.dev/instance': 'other' }));
  expect((await truth('pretending')).metadata.labels).toEqual({ 'ephemera.dev/instance': instance });
});

test('many at once make one object', async () => {
  const object = world.configMap('raced', { colour: 'blue' });
  const applied = await Promise.all(Array.from({ length: 8 }, () => cluster.apply(object)));
  expect(new Set(applied.map(({ metadata }) => metadata.uid)).size).toBe(1);
});

test.each([
  ['nobody has marked', {}, 'somebody who is not Ephemera'],
  ['another instance made', { 'ephemera.dev/instance': 'other' }, 'another Ephemera (instance other)'],
])('refuses and leaves alone what %s', async (_whose, labels, owner) => {
  const name = `foreign-${Object.keys(labels).length}`;
  await world.createAsSomebodyElse(world.configMap(name, { colour: 'theirs' }, labels));
  const before = await truth(name);
  await expect(cluster.apply(world.configMap(name, { colour: 'ours' }))).rejects.toMatchObject({
    code: 'kube.foreign',
    retryable: false,
    message: `ConfigMap ${name} in ${namespace} exists already and belongs to ${owner}.`,
  });
  expect(await truth(name)).toEqual(before);
});

test('takes over what nobody has marked, where that is asked for', async () => {
  await expect
    .poll(
      () => kubectl(['get', 'serviceaccount', 'default', '-n', namespace, '--ignore-not-found', '-o', 'name']),
      patience,
    )
    .toContain('default');
  const account: Manifest = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
    automountServiceAccountToken: false,
  };
  await expect(cluster.apply(account)).rejects.toMatchObject({ code: 'kube.foreign' });
  const adopted = await cluster.apply(account, { adopt: 'unmarked' });
  expect(adopted).toMatchObject({
    automountServiceAccountToken: false,
    metadata: { labels: { 'ephemera.dev/instance': instance } },
  });
  // From now on it is ours like any other.
  await expect(cluster.apply(account)).resolves.toMatchObject({ metadata: { uid: adopted.metadata.uid } });
});

test('never takes over what another instance made', async () => {
  await world.createAsSomebodyElse(world.configMap('theirs', { a: '1' }, { 'ephemera.dev/instance': 'other' }));
  const before = await truth('theirs');
  await expect(cluster.apply(world.configMap('theirs', { a: '2' }), { adopt: 'unmarked' })).rejects.toMatchObject({
    code: 'kube.foreign',
  });
  expect(await truth('theirs')).toEqual(before);
});

test('two instances on one cluster do not touch each other', async () => {
  await using other = await connectCluster(world.access, instanceOwner(`${instance}-b`));
  const object = world.configMap('first-come', { by: 'first' });
  await cluster.apply(object);
  await expect(other.apply(object, { adopt: 'unmarked' })).rejects.toMatchObject({ code: 'kube.foreign' });
  await expect(other.remove(refOf(object))).rejects.toMatchObject({ code: 'kube.foreign' });
  expect((await other.list('v1/ConfigMap', { namespace, labelSelector: other.ours })).items).toEqual([]);
});

test('waits for an object that is being removed', async () => {
  const object = world.configMap('held');
  await cluster.apply(object);
  await kubectl([
    'patch',
    'configmap',
    'held',
    '-n',
    namespace,
    '--patch',
    '{"metadata":{"finalizers":["ephemera.test/hold"]}}',
  ]);
  await cluster.remove(refOf(object));
  await expect(cluster.apply(object)).rejects.toMatchObject({
    code: 'kube.terminating',
    retryable: true,
    message: `ConfigMap held in ${namespace} is still being removed.`,
  });
  await kubectl(['patch', 'configmap', 'held', '-n', namespace, '--patch', '{"metadata":{"finalizers":null}}']);
  await expect.poll(() => cluster.get(refOf(object)), patience).toBeUndefined();
  await expect(cluster.apply(object)).resolves.toMatchObject({ kind: 'ConfigMap' });
});

test('waits for a namespace that is being removed, also with objects inside it', async () => {
  const ending = namespaceOf(world.name('ending'));
  await cluster.apply(ending);
  const inside: KubeObject = {
    ...world.configMap('inside'),
    metadata: { name: 'inside', namespace: ending.metadata.name },
  };
  const finalizers = ['ephemera.test/hold'];
  await world.createAsSomebodyElse({ ...inside, metadata: { ...inside.metadata, finalizers } } as KubeObject);
  await cluster.remove(refOf(ending));
  await expect(cluster.apply(ending)).rejects.toMatchObject({ code: 'kube.terminating' });
  const late = { ...inside, metadata: { ...inside.metadata, name: 'late' } };
  await expect(cluster.apply(late)).rejects.toMatchObject({
    code: 'kube.terminating',
    retryable: true,
    message: `Namespace//${ending.metadata.name} is still being removed.`,
  });
  await kubectl([
    'patch',
    'configmap',
    'inside',
    '-n',
    ending.metadata.name,
    '--patch',
    '{"metadata":{"finalizers":null}}',
  ]);
  await world.gone(refOf(ending));
});

test('what the cluster finds invalid is refused with the field, and not tried again', async () => {
  await expect(cluster.apply(world.configMap('Not_A_Name'))).rejects.toMatchObject({
    code: 'kube.invalid',
    message: expect.stringContaining('metadata.name'),
  });
});

test('every character that an object may hold arrives as it is, control characters too', async () => {
  const { cluster, configMap, name } = world;
  const text = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('') + 'ü€😀\u2028\u2029';
  const made = await cluster.apply(configMap(name('characters'), { text }));
  expect(made.data?.['text']).toBe(text);
});
