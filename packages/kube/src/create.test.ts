import { expect, test } from 'vitest';
import { apiServer, json, refusal } from '../test/api-server.ts';
import { create } from './create.ts';
import { instanceOwner } from './ownership.ts';

const owner = instanceOwner('us');
const object = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'hello', namespace: 'shop' } };

function found(instance: string, more: object = {}) {
  const labels = { 'ephemera.dev/instance': instance };
  return json(200, { ...object, metadata: { ...object.metadata, uid: 'u1', labels, ...more } });
}

test('an object is posted with the mark of its owner', async () => {
  await using api = await apiServer(json(201, { ...object, metadata: { ...object.metadata, uid: 'u1' } }));
  await expect(create(api.connection, owner, object)).resolves.toMatchObject({ created: true });
  expect(api.asked[0]).toMatchObject({ method: 'POST', path: '/apis/batch/v1/namespaces/shop/jobs' });
  expect(JSON.parse(api.asked[0]?.body ?? '')).toMatchObject({
    metadata: { labels: { 'ephemera.dev/instance': 'us' } },
  });
});

test('one of ours that is there is returned, and nothing is written', async () => {
  await using api = await apiServer(refusal(409, 'AlreadyExists'), found('us'));
  await expect(create(api.connection, owner, object)).resolves.toMatchObject({
    created: false,
    object: { metadata: { uid: 'u1' } },
  });
  expect(api.asked.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test.each([
  ['somebody else’s', found('them'), 'kube.foreign'],
  ['being removed', found('us', { deletionTimestamp: '2026-01-01T00:00:00Z' }), 'kube.terminating'],
])('one that is %s is refused', async (_what, there, code) => {
  await using api = await apiServer(refusal(409, 'AlreadyExists'), there);
  await expect(create(api.connection, owner, object)).rejects.toMatchObject({ code });
});

test('one that went in between makes room for ours', async () => {
  await using api = await apiServer(
    refusal(409, 'AlreadyExists'),
    refusal(404, 'NotFound'),
    json(201, { ...object, metadata: { ...object.metadata, uid: 'u2' } }),
  );
  await expect(create(api.connection, owner, object)).resolves.toMatchObject({
    created: true,
    object: { metadata: { uid: 'u2' } },
  });
});

test('a conflict that is no question of the name, such as over the count of a quota, is passed on', async () => {
  await using api = await apiServer(refusal(409, 'Conflict'));
  await expect(create(api.connection, owner, object)).rejects.toMatchObject({ code: 'kube.conflict' });
});
