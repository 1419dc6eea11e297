import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../../test/database.ts';
import { openDatabase } from './database.ts';
import { takeWrite } from './github-writes.ts';

const test = base.extend<{ database: TestDatabase }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  database: async ({}, use) => {
    await using database = await cloneDatabase();
    await use(database);
  },
});

const at = (seconds: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000);
const taken = { kind: 'taken' };
const rows = ({ db }: TestDatabase) => db.selectFrom('githubWrites').selectAll().execute();

test('a minute has so many writes, and the next one is free when the oldest leaves the window', async ({
  database,
}) => {
  const limits = { perMinute: 2, perHour: 100 };
  const take = (seconds: number) => takeWrite(database.db, 5, limits, at(seconds));
  expect(await take(0)).toEqual(taken);
  expect(await take(10)).toEqual(taken);
  expect(await take(20)).toEqual({ kind: 'spent', per: 'minute', retryAfterMs: 40_000 });
  expect(await take(59.999)).toEqual({ kind: 'spent', per: 'minute', retryAfterMs: 1 });
  expect(await take(60)).toEqual(taken);
  expect(await take(60)).toEqual({ kind: 'spent', per: 'minute', retryAfterMs: 10_000 });
});

test('an hour has so many writes, however slowly they come', async ({ database }) => {
  const limits = { perMinute: 2, perHour: 3 };
  const take = (seconds: number) => takeWrite(database.db, 5, limits, at(seconds));
  for (const minute of [0, 20, 40]) expect(await take(minute * 60)).toEqual(taken);
  expect(await take(3_000)).toEqual({ kind: 'spent', per: 'hour', retryAfterMs: 600_000 });
  expect(await take(3_600)).toEqual(taken);
});

test('each installation has a budget of its own', async ({ database }) => {
  const limits = { perMinute: 1, perHour: 100 };
  expect(await takeWrite(database.db, 5, limits, at(0))).toEqual(taken);
  expect(await takeWrite(database.db, 6, limits, at(0))).toEqual(taken);
});

test('servers that write at once never take more than there is together', async ({ database }) => {
  await using stack = new AsyncDisposableStack();
  const other = openDatabase(database.address, () => {});
  stack.defer(() => other.destroy());
  // An insert that takes its time has them overlap for certain.
  await sql`create function linger() returns trigger language plpgsql as 'begin perform pg_sleep(0.03); return new; end'`.execute(
    database.db,
  );
  await sql`create trigger linger before insert on github_writes for each row execute function linger()`.execute(
    database.db,
  );
  const limits = { perMinute: 7, perHour: 100 };
  const attempts = await Promise.all(
    Array.from({ length: 30 }, (_, index) => takeWrite(index % 2 === 0 ? database.db : other, 5, limits)),
  );
  expect(attempts.filter(({ kind }) => kind === 'taken')).toHaveLength(7);
  expect(await rows(database)).toHaveLength(7);
});

test('by the clock of the database, a spent budget is free within its minute', async ({ database }) => {
  const limits = { perMinute: 1, perHour: 100 };
  await takeWrite(database.db, 5, limits);
  const spent = await takeWrite(database.db, 5, limits);
  expect(spent).toMatchObject({ kind: 'spent', per: 'minute', retryAfterMs: expect.closeTo(60_000, -4) });
});

test('what is older than an hour is not kept', async ({ database }) => {
  const limits = { perMinute: 10, perHour: 10 };
  for (const seconds of [0, 1, 3_601]) await takeWrite(database.db, 5, limits, at(seconds));
  expect(await rows(database)).toMatchObject([{ at: at(3_601) }]);
});
