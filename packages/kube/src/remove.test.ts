import type { ObjectRef } from '@ephemera/model';
import { expect, test } from 'vitest';
import { apiServer, drop, json, refusal, text } from '../test/api-server.ts';
import { instanceOwner } from './ownership.ts';
import { remove } from './remove.ts';

const owner = instanceOwner('us');
const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: 'pr-1' };

function namespace({ uid = 'u1', deletionTimestamp }: { uid?: string; deletionTimestamp?: string } = {}) {
  return json(200, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'pr-1', uid, labels: { 'ephemera.dev/instance': 'us' }, deletionTimestamp },
  });
}

const accepted = json(200, {});
const absent = refusal(404, 'NotFound');
const conflict = refusal(409, 'Conflict', 'The system is ensuring all content is removed from this namespace.');
const since = '2026-11-21T12:00:00Z';

test('deletes exactly the object that was read, in the background', async () => {
  await using api = await apiServer(namespace(), accepted);
  await expect(remove(api.connection, owner, ref)).resolves.toMatchObject({ state: 'removing' });
  expect(api.asked.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  expect(api.asked[0]?.query).toEqual({});
  expect(JSON.parse(api.asked[1]?.body ?? '')).toMatchObject({
    preconditions: { uid: 'u1' },
    propagationPolicy: 'Background',
  });
});

test('a deletion whose answer was lost is not taken for gone while the namespace is still there', async () => {
  await using api = await apiServer(namespace(), drop, conflict, namespace({ deletionTimestamp: since }));
  await expect(remove(api.connection, owner, ref)).resolves.toMatchObject({ state: 'removing', since });
});

test('a conflict because of a new object of the same name means that ours is gone', async () => {
  await using api = await apiServer(namespace(), conflict, namespace({ uid: 'u2' }));
  await expect(remove(api.connection, owner, ref)).resolves.toEqual({ state: 'gone' });
});

test('a conflict after which nothing is left means gone', async () => {
  await using api = await apiServer(namespace(), conflict, absent);
  await expect(remove(api.connection, owner, ref)).resolves.toEqual({ state: 'gone' });
});

test('a conflict that nothing explains is reported', async () => {
  await using api = await apiServer(namespace(), conflict, namespace());
  await expect(remove(api.connection, owner, ref)).rejects.toMatchObject({ code: 'kube.conflict', retryable: true });
});

test('what disappears between reading and deleting is gone', async () => {
  await using api = await apiServer(namespace(), absent);
  await expect(remove(api.connection, owner, ref)).resolves.toEqual({ state: 'gone' });
});

test('a proxy that answers 404 is not taken for absence', async () => {
  await using api = await apiServer(text(404, '404 page not found'));
  const signal = AbortSignal.timeout(300);
  await expect(remove(api.connection, owner, ref, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(api.asked.some(({ method }) => method === 'DELETE')).toBe(false);
});

test('a pod on its way out does not give its own conditions as reasons', async () => {
  const conditions = [{ type: 'Ready', status: 'True' }];
  const metadata = { name: 'web', uid: 'u1', labels: { 'ephemera.dev/instance': 'us' }, deletionTimestamp: since };
  await using api = await apiServer(json(200, { apiVersion: 'v1', kind: 'Pod', metadata, status: { conditions } }));
  const removal = await remove(api.connection, owner, {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'pr-1',
    name: 'web',
  });
  expect(removal).toEqual({ state: 'removing', since, waitingFor: undefined });
});

test('a removal that was decided by another version is a conflict, and the object stays', async () => {
  await using api = await apiServer(namespace(), conflict, namespace());
  await expect(remove(api.connection, owner, ref, { resourceVersion: '7' })).rejects.toMatchObject({
    code: 'kube.conflict',
  });
  expect(JSON.parse(api.asked[1]?.body ?? '')).toMatchObject({ preconditions: { uid: 'u1', resourceVersion: '7' } });
});
