import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { cloneDatabase } from '../../../test/database.ts';
import type { Database } from '../../store/database.ts';
import { claimName, giveUpName, nameOf, releaseName, touchName, type ClaimedName } from './names.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

const place = { cluster: '', namespace: 'default', name: 'pr-12' };

async function claim(db: Database, repositoryId: number | null = 42): Promise<ClaimedName> {
  const claimed = await claimName(db, { ...place, repositoryId, repositoryFullName: null, claimedBy: 'token ci' });
  if (!claimed) throw new Error('the name is taken');
  return claimed;
}

const age = (db: Database) => sql`update pr_job_names set used_at = used_at - interval '3 minutes'`.execute(db);

test('a name that is touched is used now, and is still given back by whoever was alone with it', async ({ db }) => {
  const claimed = await claim(db);
  const touched = await touchName(db, place, claimed);
  expect(touched).toMatchObject({ isNew: true, repositoryId: 42 });
  expect(touched?.usedAt).not.toBe(claimed.usedAt);
  expect((await nameOf(db, place))?.usedAt).toBe(touched?.usedAt);
  await releaseName(db, place, claimed);
  expect(await nameOf(db, place)).toBeDefined();
  await releaseName(db, place, touched ?? claimed);
  expect(await nameOf(db, place)).toBeUndefined();
});

test('a name that somebody else has used before it is touched is not given back', async ({ db }) => {
  const claimed = await claim(db);
  await claim(db);
  const touched = await touchName(db, place, claimed);
  expect(touched).toMatchObject({ isNew: false });
  await releaseName(db, place, touched ?? claimed);
  expect(await nameOf(db, place)).toBeDefined();
});

test('a name that is gone, or another repository’s by now, is not touched', async ({ db }) => {
  const claimed = await claim(db);
  await releaseName(db, place, claimed);
  expect(await touchName(db, place, claimed)).toBeUndefined();
  const others = await claim(db, 43);
  expect(await touchName(db, place, claimed)).toBeUndefined();
  expect((await nameOf(db, place))?.usedAt).toBe(others.usedAt);
  expect(await touchName(db, place, others)).toBeDefined();
});

test('nobody’s name is touched by those who may use every name', async ({ db }) => {
  const claimed = await claim(db, null);
  expect(claimed.repositoryId).toBeNull();
  expect(await touchName(db, place, claimed)).toMatchObject({ isNew: true, repositoryId: null });
});

test('who uses a repository’s name without being narrowed is told whose it is', async ({ db }) => {
  await claim(db, 42);
  expect(await claim(db, null)).toMatchObject({ isNew: false, repositoryId: 42 });
});

test.for([true, false])(
  'a touch waits for the sweep, and knows whether the name went with it (%s)',
  async (goes, { db }) => {
    const claimed = await claim(db);
    const sweep = await db.startTransaction().execute();
    await sweep.selectFrom('prJobNames').selectAll().forUpdate().execute();
    const touching = touchName(db, place, claimed);
    await expect.poll(() => waiting(db), { timeout: 10_000 }).toBe(1);
    if (goes) await sweep.deleteFrom('prJobNames').execute();
    else await sweep.updateTable('prJobNames').set({ problem: 'stuck' }).execute();
    await sweep.commit().execute();
    expect((await touching)?.isNew).toBe(goes ? undefined : true);
  },
);

test('a name of which nothing is left is given up when no create can be at work any more, and only as it was seen', async ({
  db,
}) => {
  const settledAfterMs = 120_000;
  const giveUp = (usedAt: string) => giveUpName(db, place, { usedAt, settledAfterMs });
  const young = await claim(db);
  expect(await giveUp(young.usedAt)).toBe(false);
  await age(db);
  expect(await giveUp(young.usedAt)).toBe(false);
  const seen = await nameOf(db, place);
  await claim(db);
  await age(db);
  expect(await giveUp(seen?.usedAt ?? '')).toBe(false);
  expect(await giveUp((await nameOf(db, place))?.usedAt ?? '')).toBe(true);
  expect(await nameOf(db, place)).toBeUndefined();
});

async function waiting(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows[0]?.count ?? 0;
}
