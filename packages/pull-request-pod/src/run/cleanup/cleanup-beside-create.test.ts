import { expect, test } from 'vitest';
import { startObjectApi } from '../../../test/object-api.ts';
import { checkOrder } from '../../objects/check-order.ts';
import { createPrJob } from '../create-job.ts';
import { ensureAccount } from '../ensure-account.ts';
import { cleanupPrJob } from './cleanup-pr-job.ts';
import { sweepPrJob } from './sweep-pr-job.ts';

const target = { name: 'a', namespace: 'n' };
const order = checkOrder({
  ...target,
  repository: {
    url: 'https://git.example/shop.git',
    branch: 'main',
    pullRequest: 7,
    imageName: 'registry.example/shop:7',
    token: 'secret-token',
  },
});
const everything = ['Job', 'Role', 'RoleBinding', 'Secret', 'ServiceAccount'];

/** An API in which the first deletion waits until it is let go. */
async function withHeldDeletion() {
  const api = await startObjectApi();
  const reached = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  api.before.each = async ({ method }) => {
    if (method !== 'DELETE') return undefined;
    reached.resolve();
    await free.promise;
    return undefined;
  };
  const kinds = () => api.names().map((text) => text.replace(/\/.*/, ''));
  return { api, reached: reached.promise, letGo: free.resolve, kinds };
}

test('a cleanup that has decided to remove an account leaves it to the Job that was made meanwhile', async () => {
  const { api, reached, letGo, kinds } = await withHeldDeletion();
  await using _ = api;
  await ensureAccount(api.cluster, { ...target, profile: 'minimal' });
  const cleaning = cleanupPrJob(api.cluster, target);
  await reached;
  await createPrJob(api.cluster, order);
  letGo();
  const { removed, kept } = await cleaning;
  expect(removed).toEqual([]);
  expect(kept.map(({ object }) => object.replace(/\/.*/, '')).toSorted()).toEqual(everything);
  expect(kinds()).toEqual(everything);
});

test('a cleanup that has decided to remove a Secret without a Job leaves it to the one that was made meanwhile', async () => {
  const { api, reached, letGo, kinds } = await withHeldDeletion();
  await using _ = api;
  let cleaning: ReturnType<typeof cleanupPrJob> | undefined;
  const beforeJob = async () => {
    cleaning ??= cleanupPrJob(api.cluster, target);
    await reached;
  };
  await createPrJob(api.cluster, order, { beforeJob });
  letGo();
  expect(await cleaning).toMatchObject({ removed: [] });
  expect(kinds()).toEqual(everything);
});

test('a sweep that has taken an account for a leftover leaves it to the Job that was made meanwhile', async () => {
  const { api, reached, letGo, kinds } = await withHeldDeletion();
  await using _ = api;
  await ensureAccount(api.cluster, { ...target, profile: 'minimal' });
  const sweeping = sweepPrJob(api.cluster, target);
  await reached;
  await createPrJob(api.cluster, order);
  letGo();
  expect(await sweeping).toEqual({ state: 'finished', removed: [] });
  expect(kinds()).toEqual(everything);
});
