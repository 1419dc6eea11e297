import { expect, test } from 'vitest';
import type { Cluster } from '@ephemera/kube';
import { cloneDatabase } from '../../test/database.ts';
import { recordPrJobEvent } from '../pr-jobs/store/events.ts';
import { claimName } from '../pr-jobs/store/names.ts';
import { leftovers } from './leftovers.ts';

/** Nothing with our mark is in it. */
const empty = { ours: 'ephemera.dev/instance=a1', list: async () => ({ items: [] }) } as unknown as Cluster;

test('a name of pull-request jobs counts from its first create until it is cleaned up, and again from the next one', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const place = { cluster: 'PROD', namespace: 'builds', name: 'shop-12' };
  const create = () => claimName(db, { ...place, repositoryId: null, repositoryFullName: null, claimedBy: 'token ci' });
  const cleanup = (outcome: 'done' | 'failed') =>
    recordPrJobEvent(db, { ...place, caller: 'token ci', action: 'cleanup', outcome });
  expect(await leftovers(db, empty)).toEqual([]);

  await create();
  await cleanup('failed');
  await recordPrJobEvent(db, { ...place, name: 'other', caller: 'token ci', action: 'cleanup', outcome: 'done' });
  expect(await leftovers(db, empty)).toEqual(['pr-job/builds/shop-12@PROD']);

  await cleanup('done');
  expect(await leftovers(db, empty)).toEqual([]);
  await create();
  expect(await leftovers(db, empty)).toEqual(['pr-job/builds/shop-12@PROD']);
});
