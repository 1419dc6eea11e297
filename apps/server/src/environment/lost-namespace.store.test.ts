import { expect } from 'vitest';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import { failedAfterMs, test, workKinds } from '../../test/reconciling.ts';
import { living } from '../ledger/ledger.ts';
import { deploymentsOf, queueDeployment } from '../store/deployments.ts';
import { environmentById, updateEnvironment } from '../store/environments.ts';
import { timeline } from '../store/events.ts';

const path = '/api/v1/namespaces/pr-12-shop-0123456789';
const mark = { 'ephemera.dev/instance': 'a1' };

type Objects = Map<string, { readonly metadata: object }>;

/** Changes the metadata of the namespace, as somebody else would. */
function edit(objects: Objects, change: object, more: object = {}): void {
  const object = objects.get(path);
  if (!object) throw new Error('there is no namespace');
  objects.set(path, { ...object, metadata: { ...object.metadata, ...change }, ...more });
}

const conditions = [
  { type: 'NamespaceFinalizersRemaining', status: 'True', message: 'a finalizer of somebody holds it' },
  { type: 'NamespaceContentRemaining', status: 'False', message: 'nothing is left' },
];

test('a namespace that somebody deletes and a finalizer holds is shown as failed with its age, raises one alarm when it takes too long, and is made again', async ({
  db,
  api,
  reconcile,
  logged,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready' });
  const start = Date.now();
  const deletionTimestamp = new Date(start).toISOString();
  edit(api.objects, { deletionTimestamp }, { status: { phase: 'Terminating', conditions } });

  expect(await reconcile(id, new Date(start))).toMatchObject({ kind: 'again', afterMs: 1_000 });
  expect(await environmentById(db, id)).toMatchObject({
    status: 'failed',
    reason: 'environment.namespace_terminating',
    errorMessage: expect.stringMatching(/deleted the namespace .*: a finalizer of somebody holds it$/) as unknown,
  });
  expect(await workKinds(db)).toContain('report');

  expect(await reconcile(id, new Date(start + 180_000))).toMatchObject({ kind: 'again', afterMs: 36_000 });
  expect((await environmentById(db, id))?.errorMessage).toContain('being removed for 3 min');
  expect(await workKinds(db)).not.toContain('report');

  for (const later of [1_000, 61_000]) await reconcile(id, new Date(start + failedAfterMs + later));
  expect(await environmentById(db, id)).toMatchObject({ status: 'failed', reason: 'environment.namespace_stuck' });
  expect(logged.map(({ level, reason }) => [level, reason])).toEqual([
    [50, 'environment.namespace_terminating'],
    [50, 'environment.namespace_stuck'],
  ]);

  api.objects.clear();
  expect(await reconcile(id)).toMatchObject({ kind: 'again', afterMs: 0 });
  expect(await environmentById(db, id)).toMatchObject({ reason: 'environment.namespace_missing' });
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready', reason: null });
});

test('a commit that is pushed while the namespace is being deleted is told so', async ({ db, api, reconcile }) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  edit(api.objects, { deletionTimestamp: new Date().toISOString() });
  await reconcile(id);
  await updateEnvironment(db, id, { wantedSha: shaOf('b') });
  await queueDeployment(db, id, shaOf('b'));
  await reconcile(id);
  expect((await timeline(db, id)).at(-1)).toMatchObject({ name: 'failed', commitSha: shaOf('b') });
  expect(await deploymentsOf(db, id)).toMatchObject([{ status: 'queued' }]);
  api.objects.clear();
  await reconcile(id);
  await reconcile(id);
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready', commitSha: shaOf('b') });
  expect(await deploymentsOf(db, id)).toMatchObject([{ status: 'success' }]);
});

test('a namespace whose label was taken off is not called deleted, and goes on when the label is back', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  const made = api.objects.get(path)?.metadata.labels;
  edit(api.objects, { labels: {} });
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  const lost = await environmentById(db, id);
  expect(lost).toMatchObject({ status: 'failed', reason: 'kube.foreign' });
  expect(lost?.errorMessage).toContain('Somebody took the label ephemera.dev/instance=a1 off the namespace');
  expect(await living(db, id)).toHaveLength(1);

  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(await environmentById(db, id)).toEqual(lost);

  edit(api.objects, { labels: made });
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready', reason: null });
});

test('a namespace that was deleted and whose name somebody else has taken is called that, and is nothing of ours any more', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  edit(api.objects, { labels: {}, uid: 'another' });
  await reconcile(id);
  const lost = await environmentById(db, id);
  expect(lost).toMatchObject({ status: 'failed', reason: 'kube.foreign' });
  expect(lost?.errorMessage).toContain('another one that is not ours has its name');
  expect(await living(db, id)).toEqual([]);
});

test('what is wrong inside the namespace keeps an environment from being reclaimed, without a word to anybody', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'failed', reason: 'kube.foreign', errorMessage: 'theirs' });
  const quota = `${path}/resourcequotas/environment`;
  api.objects.set(path, { metadata: { name: 'n', uid: '1', labels: mark }, status: { phase: 'Active' } });
  api.objects.set(quota, {
    metadata: { name: 'environment', uid: '2', labels: { ...mark, 'ephemera.dev/instance': 'b2' } },
  });
  await reconcile(id);
  expect(await timeline(db, id)).toEqual([]);
  expect(await environmentById(db, id)).toMatchObject({ status: 'failed', errorMessage: 'theirs' });

  api.objects.delete(quota);
  await reconcile(id);
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready' });
});

test('the namespace disappears, and so does the wish for it: why the environment ends stays', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  api.before.each = async () => {
    api.objects.clear();
    await updateEnvironment(db, id, { wantedState: 'closed', reason: 'environment.held' });
    return undefined;
  };
  expect(await reconcile(id)).toMatchObject({ kind: 'again', afterMs: 0 });
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready', reason: 'environment.held' });
});
