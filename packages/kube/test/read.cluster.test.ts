import { kubectl } from '@ephemera/local-cluster/kubectl';
import type { KubeObject } from '@ephemera/model';
import { afterAll, expect, test } from 'vitest';
import { isNamespaced, kindRef, knownKinds, refOf, type Change } from '../src/index.ts';
import { collectionPath } from '../src/kinds.ts';
import { patience, startWorld, type ConfigMap } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());
const { cluster, namespace } = world;

test('tells the version of the cluster', async () => {
  expect(await cluster.version()).toMatch(/^v1\.\d+\.\d+/);
});

interface Discovery {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

test.each(knownKinds)('the table of kinds says of %s what the cluster says', async (known) => {
  const ref = kindRef(known);
  const root = ref.apiVersion.includes('/') ? `/apis/${ref.apiVersion}` : `/api/${ref.apiVersion}`;
  const { resources }: Discovery = JSON.parse(await kubectl(['get', '--raw', root]));
  const resource = resources.find(({ kind, name }) => kind === ref.kind && !name.includes('/'));
  expect(collectionPath(ref)).toBe(`${root}/${resource?.name}`);
  expect(isNamespaced(ref)).toBe(resource?.namespaced);
});

test('reads one object as it is, and undefined where there is none', async () => {
  const object = world.configMap('there', { colour: 'blue' });
  await cluster.apply(object);
  await expect(cluster.get<ConfigMap>(refOf(object))).resolves.toMatchObject({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    data: { colour: 'blue' },
  });
  await expect(cluster.get(refOf(world.configMap('not-there')))).resolves.toBeUndefined();
  const namespaceAbsent = { ...refOf(object), namespace: world.name('absent') };
  await expect(cluster.get(namespaceAbsent)).resolves.toBeUndefined();
});

test('lists more than one page completely', async () => {
  const count = 520;
  const items = Array.from({ length: count }, (_, index) => world.configMap(`many-${index}`, {}, { pages: 'yes' }));
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  const listing = await cluster.list<ConfigMap>('v1/ConfigMap', { namespace, labelSelector: 'pages=yes' });
  expect(new Set(listing.items.map(({ metadata }) => metadata.name)).size).toBe(count);
  expect(listing.items).toHaveLength(count);
  expect(listing.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  expect(listing.resourceVersion).toMatch(/^\d+$/);
});

interface Following extends AsyncDisposable {
  readonly seen: string[];
  readonly errors: unknown[];
}

function follow(labelSelector: string): Following {
  const stop = new AbortController();
  const seen: string[] = [];
  const errors: unknown[] = [];
  const ended = cluster.watch<ConfigMap>('v1/ConfigMap', {
    namespace,
    labelSelector,
    signal: stop.signal,
    onChange: (change) => seen.push(said(change)),
    onError: (error) => errors.push(error),
  });
  return {
    seen,
    errors,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}

function said(change: Change<ConfigMap>): string {
  const text = ({ metadata, data }: KubeObject & ConfigMap) => `${metadata.name} ${data?.['n']}`;
  return change.type === 'listed'
    ? `listed ${change.objects.map(text).join(', ')}`
    : `${change.type} ${text(change.object)}`;
}

test('a watch tells what is there, then what is made, changed and removed', async () => {
  const watched = (name: string, n: string) => world.configMap(name, { n }, { watched: 'one' });
  await cluster.apply(watched('before', '1'));
  await using following = follow('watched=one');
  await expect.poll(() => following.seen, patience).toEqual(['listed before 1']);

  await cluster.apply(watched('during', '1'));
  await cluster.apply(watched('during', '2'));
  await cluster.apply(world.configMap('beside', { n: '1' }));
  await cluster.remove(refOf(watched('before', '1')));
  await expect
    .poll(() => following.seen, patience)
    .toEqual(['listed before 1', 'changed during 1', 'changed during 2', 'deleted before 1']);
  expect(following.errors).toEqual([]);
});

test('an object that loses its label is deleted for a watch that selects by it', async () => {
  await using following = follow('watched=two');
  await expect.poll(() => following.seen, patience).toEqual(['listed ']);
  await cluster.apply(world.configMap('leaving', { n: '1' }, { watched: 'two' }));
  await cluster.apply(world.configMap('leaving', { n: '1' }));
  await expect.poll(() => following.seen, patience).toEqual(['listed ', 'changed leaving 1', 'deleted leaving 1']);
});

test('an aborted watch ends, while the cluster goes on answering', async () => {
  const following = follow('watched=three');
  await expect.poll(() => following.seen, patience).toEqual(['listed ']);
  await following[Symbol.asyncDispose]();
  expect(following.errors).toEqual([]);
  await expect(cluster.version()).resolves.toBeDefined();
});
