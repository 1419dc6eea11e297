import { expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { accept } from '../intake/accept.ts';
import { recordDelivery } from './deliveries.ts';

const delivery = { id: '67788319-cdeb-4f94-91a3-11c88bef0d93', event: 'pull_request' };
const reading = {
  kind: 'pull-request',
  hint: { action: 'opened', prNumber: 12, repositoryId: 42, repositoryFullName: 'acme/shop', installationId: 5 },
} as const;

test('twenty copies of one delivery at once are one row and one piece of work', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const answers = await Promise.all(Array.from({ length: 20 }, () => accept(db, delivery, reading)));

  expect(answers.filter(({ status }) => status === 'accepted')).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 'duplicate')).toHaveLength(19);
  expect(await db.selectFrom('deliveries').selectAll().execute()).toMatchObject([
    { deliveryId: delivery.id, times: 20, outcome: 'accepted', action: 'opened', repositoryFullName: 'acme/shop' },
  ]);
  expect(await db.selectFrom('work').selectAll().execute()).toMatchObject([
    { kind: 'pull-request', key: '42/12', wanted: 20, hint: { installationId: 5, repositoryFullName: 'acme/shop' } },
  ]);
});

test('a delivery is new once, and a duplicate ever after', async () => {
  await using database = await cloneDatabase();
  const row = { deliveryId: 'a', event: 'star', outcome: 'ignored' } as const;
  expect(await recordDelivery(database.db, row)).toBe('new');
  expect(await recordDelivery(database.db, row)).toBe('duplicate');
  expect(await recordDelivery(database.db, { ...row, deliveryId: 'b' })).toBe('new');
});

test('without its work no delivery is recorded: both are there, or neither', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await db.schema.alterTable('work').renameTo('elsewhere').execute();
  await expect(accept(db, delivery, reading)).rejects.toThrow('work');
  expect(await db.selectFrom('deliveries').selectAll().execute()).toEqual([]);
});
