import { expect } from 'vitest';
import { storeEnvironment } from '../../test/environment-row.ts';
import { test, workKinds } from '../../test/reconciling.ts';
import { environmentById, updateEnvironment } from '../store/environments.ts';
import { timeline } from '../store/events.ts';

const inside = '/api/v1/namespaces/pr-12-shop-0123456789';
const quota = `${inside}/resourcequotas/environment`;
const policy = '/apis/networking.k8s.io/v1/namespaces/pr-12-shop-0123456789/networkpolicies/environment';

test('a repository that was renamed is not somebody who edited the namespace', async ({ db, reconcile }) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  await updateEnvironment(db, id, { repositoryName: 'store', repositoryFullName: 'acme/store' });
  await reconcile(id);
  expect((await timeline(db, id)).at(-1)).toMatchObject({
    kind: 'note',
    name: 'corrected_object',
    message: 'Namespace pr-12-shop-0123456789 was not as it has to be and is set right.',
  });
});

test('a guardrail that cannot be set right is told beside ready, keeps no other from it, and is forgotten when it can', async ({
  db,
  api,
  reconcile,
}) => {
  const { id } = await storeEnvironment(db, { status: 'pending' });
  await reconcile(id);
  const made = api.objects.get(quota);
  if (!made) throw new Error('there is no quota');
  api.objects.set(quota, { ...made, spec: { hard: { pods: '99' } } });
  api.objects.delete(policy);
  api.before.each = (method, path) =>
    method === 'PATCH' && path === quota ? { code: 403, reason: 'Forbidden' } : undefined;

  await expect(reconcile(id)).rejects.toMatchObject({ code: 'kube.forbidden' });
  expect(await workKinds(db)).toContain('report');
  const refused = await environmentById(db, id);
  expect(refused).toMatchObject({ status: 'ready', reason: 'kube.forbidden' });
  expect(refused?.errorMessage).toContain('ResourceQuota environment in pr-12-shop-0123456789 is not as it has to be');
  expect(api.objects.has(policy)).toBe(true);
  const notes = async () => (await timeline(db, id)).filter(({ kind }) => kind === 'note').map(({ name }) => name);
  expect(await notes()).toEqual(['corrected_object', 'refused_object']);

  await expect(reconcile(id)).rejects.toMatchObject({ code: 'kube.forbidden' });
  expect(await environmentById(db, id)).toEqual(refused);
  expect(await notes()).toEqual(['corrected_object', 'refused_object']);

  api.before.each = () => undefined;
  expect(await reconcile(id)).toEqual({ kind: 'done' });
  expect(await environmentById(db, id)).toMatchObject({ status: 'ready', reason: null, errorMessage: null });
  expect(await workKinds(db)).toContain('report');
});
