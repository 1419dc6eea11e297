import { checkOrder } from '@ephemera/pull-request-pod';
import { expect, test } from 'vitest';
import { startPrJobApp } from '../../test/pr-job-app.ts';
import { readSettings } from '../settings.ts';
import type { Caller } from '../tokens/caller.ts';
import { cleanupForCaller } from './cleanup.ts';
import { createClusters } from './clusters.ts';
import { createForCaller } from './create.ts';
import { policyOf } from './policy.ts';
import type { Asked } from './record.ts';

test('a workflow’s token changes one thing: the same request again is the same use, another one is refused', async () => {
  await using app = await startPrJobApp();
  const { db } = app.server.database;
  const { cluster } = app.cluster;
  const deps = {
    db,
    clusters: createClusters({ own: cluster, ownNames: [], instance: 'a1', environment: {} }),
    instance: 'a1',
    policy: policyOf(readSettings({})),
    metrics: { prJob: () => {} },
    stopping: () => false,
  };
  const caller: Caller = {
    name: 'acme/shop (GitHub Actions run 1)',
    account: 'repository:42',
    scopes: ['pr-jobs:create', 'pr-jobs:cleanup'],
    repositoryIds: [42],
    namespaces: undefined,
    images: undefined,
    repository: { id: 42, fullName: 'acme/shop' },
    once: { issuer: 'https://issuer.example', jti: 'one', expiresAt: new Date(Date.now() + 300_000) },
  };
  const asked = (name: string): Asked => ({ action: 'create', caller, cluster: '', namespace: 'default', name });
  const create = (name: string) =>
    createForCaller(deps, {
      caller,
      order: checkOrder({ name }),
      repositoryId: undefined,
      key: 'run-1',
      asked: asked(name),
    });
  const first = await create('pr-12');
  expect((await create('pr-12')).jobName).toBe(first.jobName);
  await expect(create('pr-13')).rejects.toMatchObject({ code: 'oidc.replayed' });
  const place = { name: 'pr-12', namespace: 'default', clusterName: undefined };
  await expect(
    cleanupForCaller(deps, { caller, ...place, key: undefined, asked: asked('pr-12') }),
  ).rejects.toMatchObject({ code: 'oidc.replayed' });
  expect(app.jobs()).toEqual([first.jobName]);
  expect(await db.selectFrom('prJobNames').selectAll().execute()).toMatchObject([
    { name: 'pr-12', repositoryId: 42, repositoryFullName: 'acme/shop', claimedBy: caller.name },
  ]);
  const [use] = await db.selectFrom('oidcUses').select('purpose').execute();
  expect(use?.purpose).toHaveLength(32);
});
