import { expect, test } from 'vitest';
import { apiServer, json } from '../test/api-server.ts';
import { discover, namespacedKinds } from './discovery.ts';

const verbs = ['create', 'delete', 'get', 'list'];
const resource = (plural: string, kind: string, more: object = {}) => ({
  resource: plural,
  responseKind: { group: '', version: 'v1', kind },
  scope: 'Namespaced',
  verbs,
  ...more,
});
const group = (name: string, ...versions: readonly (readonly [string, readonly ReturnType<typeof resource>[]])[]) => ({
  metadata: { name },
  versions: versions.map(([version, resources]) => ({ version, resources, freshness: 'Current' })),
});

test('each kind that lives in namespaces comes once, in the preferred version that has it', () => {
  const found = namespacedKinds([
    { metadata: {}, versions: [{ version: 'v1', resources: [resource('pods', 'Pod')] }] },
    group(
      'example.com',
      ['v2', [resource('widgets', 'Widget')]],
      ['v1', [resource('widgets', 'Widget'), resource('gadgets', 'Gadget')]],
    ),
  ]);
  expect(found).toEqual({
    kinds: [
      { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
      { apiVersion: 'example.com/v2', kind: 'Widget', plural: 'widgets' },
      { apiVersion: 'example.com/v1', kind: 'Gadget', plural: 'gadgets' },
    ],
    unknown: [],
  });
});

test('kinds of the whole cluster, kinds that cannot be listed, and views that nobody can delete are left out', () => {
  const found = namespacedKinds([
    group('', [
      'v1',
      [resource('nodes', 'Node', { scope: 'Cluster' }), resource('bindings', 'Binding', { verbs: [] })],
    ]),
    group('metrics.k8s.io', ['v1', [resource('pods', 'PodMetrics', { verbs: ['get', 'list'] })]]),
  ]);
  expect(found).toEqual({ kinds: [], unknown: [] });
});

test('an API that is registered and does not answer is unknown, not empty', () => {
  const stale = { metadata: { name: 'example.com' }, versions: [{ version: 'v1', freshness: 'Stale' }] };
  expect(namespacedKinds([stale])).toEqual({
    kinds: [],
    unknown: [{ what: 'the API example.com/v1', because: 'it does not answer' }],
  });
});

test('a server that answers in another form is an error, not a cluster without kinds', async () => {
  await using api = await apiServer(json(200, { kind: 'APIVersions', versions: ['v1'] }));
  await expect(discover(api.connection)).rejects.toMatchObject({ code: 'kube.unreachable' });
  expect(api.asked[0]?.headers.accept).toContain('as=APIGroupDiscoveryList');
});
