import { sql } from 'kysely';
import { expect, test as base, vi } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { claimName } from '../pr-jobs/store/names.ts';
import type { Database } from '../store/database.ts';
import { deleteName, forgetNames, holdName, noteSwept, settledNames, takeName } from './pr-job-names.ts';

const test = base.extend<{ db: Database }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  db: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database.db);
  },
});

const place = { cluster: '', namespace: 'builds', name: 'shop-12' };
const claim = (db: Database, name = place.name) =>
  claimName(db, { ...place, name, repositoryId: null, repositoryFullName: null, claimedBy: 'token ci' });
/** Long enough for a busy machine, short enough to end. */
const patience = { timeout: 10_000, interval: 20 };
const settled = (db: Database, most = 100) => settledNames(db, { clusters: [''], settleMs: minutes(2), most });
const namesOf = async (rows: ReturnType<typeof settled>) => (await rows).map(({ name }) => name);
const minutes = (count: number) => count * 60_000;

async function age(db: Database, name: string): Promise<void> {
  await sql`update pr_job_names set used_at = now() - interval '3 minutes' where name = ${name}`.execute(db);
}

/** Somebody waits for a lock in this database. */
async function untilSomebodyWaits(db: Database): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    expect(rows).not.toEqual([]);
  }, patience);
}

test('a name is left alone for some time after each create, as its objects may be being made', async ({ db }) => {
  await claim(db, 'old');
  await age(db, 'old');
  await claim(db, 'new');
  expect(await namesOf(settled(db))).toEqual(['old']);
  await claim(db, 'old');
  expect(await settled(db)).toEqual([]);
  expect(await holdName(db, { ...place, name: 'old' }, minutes(2))).toBeUndefined();
});

test('a create waits while the sweep is at that name, and has the name for itself afterwards', async ({ db }) => {
  await claim(db);
  await age(db, place.name);
  const { creating } = await db.transaction().execute(async (tx) => {
    expect(await holdName(tx, place, minutes(2))).toMatchObject(place);
    const claimed = claim(db);
    await untilSomebodyWaits(db);
    await deleteName(tx, place);
    return { creating: claimed };
  });
  expect(await creating).toMatchObject({ isNew: true });
  expect(await db.selectFrom('prJobNames').select(['name', 'claimedBy']).execute()).toEqual([
    { name: 'shop-12', claimedBy: 'token ci' },
  ]);
});

test('of two sweeps only one is at a name', async ({ db }) => {
  await claim(db);
  await age(db, place.name);
  await db.transaction().execute(async (tx) => {
    expect(await holdName(tx, place, minutes(2))).toMatchObject(place);
    expect(await db.transaction().execute((other) => holdName(other, place, minutes(2)))).toBeUndefined();
  });
});

test('a name that nobody has is held as well while what it has left behind is removed', async ({ db }) => {
  const { creating } = await db.transaction().execute(async (tx) => {
    expect(await takeName(tx, place)).toBe(true);
    const claimed = claim(db);
    await untilSomebodyWaits(db);
    await deleteName(tx, place);
    return { creating: claimed };
  });
  expect(await creating).toMatchObject({ isNew: true });
  expect(await takeName(db, place)).toBe(false);
});

test('those whose last turn is longest ago come first, however many there are', async ({ db }) => {
  for (const [index, name] of ['first', 'second', 'third'].entries()) {
    await claim(db, name);
    await sql`update pr_job_names set used_at = now() - ${10 - index} * interval '1 minute' where name = ${name}`.execute(
      db,
    );
  }
  expect(await namesOf(settled(db, 2))).toEqual(['first', 'second']);
  await noteSwept(db, await settled(db, 2));
  expect(await namesOf(settled(db, 1))).toEqual(['third']);
  await noteSwept(db, await settled(db, 1));
  expect(await namesOf(settled(db))).toEqual(['first', 'second', 'third']);
});

test('names of which nothing was found are forgotten together, but for those that somebody has used or holds since', async ({
  db,
}) => {
  for (const name of ['free', 'held', 'used']) {
    await claim(db, name);
    await age(db, name);
  }
  const rows = await settled(db);
  await claim(db, 'used');
  await db.transaction().execute(async (tx) => {
    await holdName(tx, { ...place, name: 'held' }, minutes(2));
    await forgetNames(db, rows);
  });
  const left = await db.selectFrom('prJobNames').select('name').orderBy('name').execute();
  expect(left).toEqual([{ name: 'held' }, { name: 'used' }]);
});
