import type { ObjectRef } from '@ephemera/model';
import { expect, test } from 'vitest';
import { apiServer, json, refusal } from '../test/api-server.ts';
import { instanceOwner } from './ownership.ts';
import { patch } from './patch.ts';

const owner = instanceOwner('us');
const ref: ObjectRef = { apiVersion: 'batch/v1', kind: 'Job', name: 'hello', namespace: 'shop' };
const merge = { spec: { suspend: true } };

function job(instance: string, uid = 'u1') {
  const labels = { 'ephemera.dev/instance': instance };
  return json(200, { ...ref, metadata: { name: 'hello', namespace: 'shop', uid, labels } });
}

test('changes only what is named, and only the object that was read', async () => {
  await using api = await apiServer(job('us'));
  await patch(api.connection, owner, ref, { merge });
  expect(api.asked[1]).toMatchObject({ method: 'PATCH', path: '/apis/batch/v1/namespaces/shop/jobs/hello' });
  expect(api.asked[1]?.headers['content-type']).toBe('application/merge-patch+json');
  expect(JSON.parse(api.asked[1]?.body ?? '')).toEqual({ spec: { suspend: true }, metadata: { uid: 'u1' } });
});

test('labels that are changed with it do not take the UID out', async () => {
  await using api = await apiServer(job('us'));
  await patch(api.connection, owner, ref, { merge: { metadata: { labels: { a: 'b' } } } });
  expect(JSON.parse(api.asked[1]?.body ?? '')).toEqual({ metadata: { labels: { a: 'b' }, uid: 'u1' } });
});

test('an object of somebody else is refused and left alone', async () => {
  await using api = await apiServer(job('them'));
  await expect(patch(api.connection, owner, ref, { merge })).rejects.toMatchObject({ code: 'kube.foreign' });
  expect(api.asked).toHaveLength(1);
});

test.each([
  ['is gone', refusal(404, 'NotFound')],
  ['was made anew', job('us', 'u2')],
])('one that %s is left alone', async (_what, answer) => {
  await using api = await apiServer(answer);
  const change = { merge, uid: 'u1' };
  await expect(patch(api.connection, owner, ref, change)).rejects.toMatchObject({ code: 'kube.not_found' });
  expect(api.asked).toHaveLength(1);
});

test('an object that was just read is not read again, and only that one is changed', async () => {
  await using api = await apiServer(job('us'));
  const metadata = { name: 'hello', namespace: 'shop', uid: 'u1', labels: owner.labels as Record<string, string> };
  await patch(api.connection, owner, ref, { merge, read: { ...ref, metadata } });
  expect(api.asked.map(({ method }) => method)).toEqual(['PATCH']);
  expect(JSON.parse(api.asked[0]?.body ?? '')).toMatchObject({ metadata: { uid: 'u1' } });
  const theirs = { ...ref, metadata: { ...metadata, labels: {} } };
  await expect(patch(api.connection, owner, ref, { merge, read: theirs })).rejects.toMatchObject({
    code: 'kube.foreign',
  });
});
