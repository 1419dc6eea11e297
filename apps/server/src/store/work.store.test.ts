import { expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { enqueue, finish, lease } from './work.ts';

const leaseMs = 60_000;

test('work that is enqueued while it runs is due again when it ends, so no event is lost', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueue(db, { kind: 'environment', key: '1' });
  const first = await lease(db, 'one', leaseMs);
  await enqueue(db, { kind: 'environment', key: '1' });

  expect(await lease(db, 'two', leaseMs)).toBeUndefined();
  await finish(db, { kind: 'environment', key: '1', epoch: first?.epoch ?? 0 }, first?.wanted ?? 0);

  const second = await lease(db, 'two', leaseMs);
  expect(second).toMatchObject({ kind: 'environment', key: '1', leaseOwner: 'two' });
});
