import type { KubeObject } from '@ephemera/model';
import { expect, test } from 'vitest';
import { apiServer, drop, json, refusal, text } from '../test/api-server.ts';
import { kindRef } from './kinds.ts';
import { list } from './list.ts';

const pods = kindRef('v1/Pod');

function page(names: readonly string[], version: string, more?: string) {
  const items = names.map((name) => ({ metadata: { name } }));
  return json(200, { kind: 'PodList', metadata: { resourceVersion: version, continue: more ?? '' }, items });
}

const namesIn = ({ items }: { items: readonly KubeObject[] }) => items.map(({ metadata }) => metadata.name);

test('reads page after page of one snapshot', async () => {
  await using api = await apiServer(page(['a', 'b'], '7', 'page2'), page(['c'], '7', 'page3'), page([], '7'));
  const listing = await list(api.connection, pods, { namespace: 'shop', labelSelector: 'x=y' });
  expect(namesIn(listing)).toEqual(['a', 'b', 'c']);
  expect(listing.resourceVersion).toBe('7');
  expect(api.asked.map(({ path, query }) => [path, query])).toEqual([
    ['/api/v1/namespaces/shop/pods', { limit: '500', labelSelector: 'x=y' }],
    ['/api/v1/namespaces/shop/pods', { limit: '500', labelSelector: 'x=y', continue: 'page2' }],
    ['/api/v1/namespaces/shop/pods', { limit: '500', labelSelector: 'x=y', continue: 'page3' }],
  ]);
});

test('items carry the kind that lists leave out', async () => {
  await using api = await apiServer(page(['a'], '7'));
  const { items } = await list(api.connection, pods);
  expect(items).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }]);
});

test('metadata only is asked for without a second choice, so that the rest never comes', async () => {
  await using api = await apiServer(page(['a'], '7', 'page2'), page(['b'], '7'));
  const listing = await list(api.connection, kindRef('v1/Secret'), { namespace: 'shop', metadataOnly: true });
  expect(namesIn(listing)).toEqual(['a', 'b']);
  const asked = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  expect(api.asked.map(({ headers }) => headers.accept)).toEqual([asked, asked]);
});

test('an empty list is empty, also where the server writes it as null', async () => {
  await using api = await apiServer(json(200, { metadata: { resourceVersion: '7' }, items: null }));
  await expect(list(api.connection, pods)).resolves.toEqual({ items: [], resourceVersion: '7' });
});

test('a continuation that expired starts over, and nothing is listed twice', async () => {
  await using api = await apiServer(
    page(['a', 'old'], '7', 'page2'),
    refusal(410, 'Expired'),
    page(['a'], '9', 'page2'),
    page(['b'], '9'),
  );
  const listing = await list(api.connection, pods);
  expect(namesIn(listing)).toEqual(['a', 'b']);
  expect(listing.resourceVersion).toBe('9');
});

test('a continuation that expires again and again is an error', async () => {
  await using api = await apiServer(page(['a'], '7', 'page2'), refusal(410, 'Expired'), refusal(410, 'Expired'));
  await expect(list(api.connection, pods)).rejects.toMatchObject({ code: 'kube.gone', retryable: true });
});

test('a second page that hiccups is asked for again', async () => {
  await using api = await apiServer(page(['a'], '7', 'page2'), drop, page(['b'], '7'));
  expect(namesIn(await list(api.connection, pods))).toEqual(['a', 'b']);
});

test.each([
  ['403', refusal(403, 'Forbidden'), 'kube.forbidden'],
  ['401', refusal(401, 'Unauthorized'), 'kube.unauthenticated'],
  ['404', refusal(404, 'NotFound'), 'kube.not_found'],
  ['JSON that is no list', json(200, { maintenance: true }), 'kube.unreachable'],
  ['a list without a version', json(200, { metadata: {}, items: [] }), 'kube.unreachable'],
])('%s on the second page throws; a short list never comes out', async (_name, answer, code) => {
  await using api = await apiServer(page(['a'], '7', 'page2'), answer);
  await expect(list(api.connection, pods)).rejects.toMatchObject({ code });
});

test('a second page that never comes throws when the caller gives up', async () => {
  await using api = await apiServer(page(['a'], '7', 'page2'), text(503, 'down'));
  const signal = AbortSignal.timeout(500);
  await expect(list(api.connection, pods, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
});
