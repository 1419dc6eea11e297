import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { claimFor } from '../../test/claim.ts';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import type { Database } from '../store/database.ts';
import { enqueue, lease, postpone } from '../store/work.ts';
import { LeaseLost } from './claim.ts';

const work = { kind: 'environment', key: '1' } as const;

/** Another worker takes the row, as after a pause that was longer than the lease. */
async function takeOver(db: Database): Promise<void> {
  await sql`update work set lease_until = now() - interval '1 ms'`.execute(db);
  await lease(db, { owner: 'another worker', leaseMs: 60_000 });
}

test('writes of a claim are one transaction: all of them, or none', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const environment = await storeEnvironment(db, { prTitle: 'before' });
  await enqueue(db, work);
  using claim = await claimFor(db, work);
  const broken = claim.write(async (tx) => {
    await tx.updateTable('environments').set({ prTitle: 'after' }).execute();
    throw new Error('halfway');
  });
  await expect(broken).rejects.toThrow('halfway');
  const titles = await db.selectFrom('environments').select('prTitle').where('id', '=', environment.id).execute();
  expect(titles).toEqual([{ prTitle: 'before' }]);
});

test('a worker that was overtaken writes nothing, and hears of it', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await storeEnvironment(db, { prTitle: 'before' });
  await enqueue(db, work);
  using claim = await claimFor(db, work);
  await takeOver(db);

  const late = claim.write((tx) => tx.updateTable('environments').set({ prTitle: 'late' }).execute());
  await expect(late).rejects.toBeInstanceOf(LeaseLost);
  expect(claim.signal.reason).toBeInstanceOf(LeaseLost);
  expect(() => claim.assertHeld()).toThrow(LeaseLost);
  expect(await db.selectFrom('environments').select('prTitle').execute()).toEqual([{ prTitle: 'before' }]);
});

test('a worker that gave its work back writes nothing any more', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueue(db, work);
  using claim = await claimFor(db, work);
  await postpone(db, claim.lease, 1, { afterMs: 0 });
  await expect(claim.write(async () => 'written')).rejects.toBeInstanceOf(LeaseLost);
});

test('the heartbeat keeps a lease alive far beyond its length', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueue(db, work);
  const leaseMs = 600;
  const startedAt = performance.now();
  using claim = await claimFor(db, work, leaseMs);
  await vi.waitFor(() => expect(performance.now() - startedAt).toBeGreaterThan(3 * leaseMs), { timeout: 10_000 });
  claim.assertHeld();
  expect(await lease(db, { owner: 'another worker', leaseMs: 1 })).toEqual([]);
});

test('the heartbeat notices when another worker has taken over, and aborts what is under way', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueue(db, work);
  using claim = await claimFor(db, work, 600);
  await takeOver(db);
  await vi.waitFor(() => expect(claim.signal.aborted).toBe(true), { timeout: 5_000 });
  expect(claim.signal.reason).toBeInstanceOf(LeaseLost);
});

test('when the database no longer answers, the claim ends with its lease, before anybody else may take over', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await enqueue(db, work);
  using claim = await claimFor(db, work, 600);
  await db.schema.alterTable('work').renameTo('elsewhere').execute();
  await vi.waitFor(() => expect(() => claim.assertHeld()).toThrow(LeaseLost), { timeout: 5_000 });
  expect(claim.signal.aborted).toBe(true);
});
