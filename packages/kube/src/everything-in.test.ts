import { expect, test } from 'vitest';
import { apiServer, json, refusal, type Answer, type ApiServer } from '../test/api-server.ts';
import { everythingIn } from './everything-in.ts';

const kindOf = (resource: string, kind: string) => ({
  resource,
  responseKind: { kind },
  scope: 'Namespaced',
  verbs: ['list', 'delete'],
});
const core = {
  kind: 'APIGroupDiscoveryList',
  items: [
    { metadata: {}, versions: [{ version: 'v1', resources: [kindOf('pods', 'Pod'), kindOf('secrets', 'Secret')] }] },
  ],
};
const page = (names: readonly string[], more = '') =>
  json(200, { metadata: { continue: more }, items: names.map((name) => ({ metadata: { name } })) });

function server(pods: Answer, secrets: Answer = page([])): Promise<ApiServer> {
  return apiServer((response, asked) => {
    const answers: Record<string, Answer> = {
      '/api': json(200, core),
      '/apis': json(200, { ...core, items: [] }),
      '/api/v1/namespaces/shop/pods': pods,
      '/api/v1/namespaces/shop/secrets': secrets,
    };
    (answers[asked.path] ?? refusal(404, 'NotFound'))(response, asked);
  });
}

const all = { namespace: 'shop', counts: () => true };

test('tells the objects of every kind, by metadata alone', async () => {
  await using api = await server(page(['web']), page(['key']));
  const { objects, unknown } = await everythingIn(api.connection, all);
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted()).toEqual(['Pod web', 'Secret key']);
  expect(unknown).toEqual([]);
  const lists = api.asked.filter(({ path }) => path.includes('/namespaces/'));
  expect(lists.map(({ headers }) => headers.accept)).toEqual(
    lists.map(() => expect.stringContaining('as=PartialObjectMetadataList')),
  );
});

test('a kind that may not be listed is unknown, and the others are still told', async () => {
  await using api = await server(page(['web']), refusal(403, 'Forbidden'));
  await expect(everythingIn(api.connection, all)).resolves.toMatchObject({
    objects: [{ kind: 'Pod', metadata: { name: 'web' } }],
    unknown: [{ what: 'secrets of v1', because: 'this account may not list it' }],
  });
});

test('credentials that are refused, and answers that are no lists, are errors', async () => {
  await using refusing = await server(refusal(401, 'Unauthorized'));
  await expect(everythingIn(refusing.connection, all)).rejects.toMatchObject({ code: 'kube.unauthenticated' });
  await using strange = await server(json(200, { maintenance: true }));
  await expect(everythingIn(strange.connection, all)).rejects.toMatchObject({ code: 'kube.unreachable' });
});

test('reads on behind a first page that does not count, and no further than it has to', async () => {
  const pods: Answer = (response, asked) =>
    (asked.query['continue'] === undefined ? page(['ours'], 'next') : page(['theirs'], 'more'))(response, asked);
  await using api = await server(pods);
  const counts = ({ metadata }: { metadata: { name: string } }) => metadata.name === 'theirs';
  const { objects } = await everythingIn(api.connection, { namespace: 'shop', counts, atMost: 1 });
  expect(objects.map(({ metadata }) => metadata.name)).toEqual(['theirs']);
  expect(api.asked.filter(({ path }) => path.endsWith('/pods'))).toHaveLength(2);
});

test('what is skipped is not asked for', async () => {
  await using api = await server(page(['web']), refusal(403, 'Forbidden'));
  await expect(everythingIn(api.connection, { ...all, skips: ({ kind }) => kind === 'Secret' })).resolves.toMatchObject(
    { objects: [{ kind: 'Pod' }], unknown: [] },
  );
});
