import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { emptyDatabase } from '../../test/database.ts';
import { openDatabase } from './database.ts';
import { instanceId } from './instance.ts';
import { migrate } from './migrate.ts';

test('migrating a second time changes nothing', async () => {
  await using database = await emptyDatabase();
  const applied = async () => (await sql`select name, applied_at from migrations`.execute(database.db)).rows;
  await migrate(database.db);
  const first = await applied();
  await migrate(database.db);
  expect(first.length).toBeGreaterThan(1);
  expect(await applied()).toEqual(first);
});

test('two servers that start at once on a new database both find it migrated', async () => {
  await using database = await emptyDatabase();
  await using stack = new AsyncDisposableStack();
  const servers = [1, 2, 3].map(() => {
    const db = openDatabase(database.address, () => {});
    stack.defer(() => db.destroy());
    return db;
  });
  await Promise.all(servers.map(migrate));
  expect(await database.db.selectFrom('environments').selectAll().execute()).toEqual([]);
});

test('a database keeps the instance id that it was given first', async () => {
  await using database = await emptyDatabase();
  await migrate(database.db);
  const ids = await Promise.all(['one', 'two', 'three'].map((id) => instanceId(database.db, id)));
  expect(new Set(ids).size).toBe(1);
  expect(await instanceId(database.db, 'four')).toBe(ids[0]);
});

test('a PostgreSQL older than 15 is refused by its version, and nothing is made in it', async () => {
  await using database = await emptyDatabase();
  // A real server that says it is old: what stands before pg_catalog in the search path answers first.
  await sql`
    create function public.current_setting(name text) returns text stable language sql as $$
      select case name when 'server_version_num' then '140012' when 'server_version' then '14.12'
        else pg_catalog.current_setting(name) end $$`.execute(database.db);
  await sql`
    do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); end $$`.execute(
    database.db,
  );
  const db = openDatabase(database.address, () => {});
  await expect(migrate(db)).rejects.toMatchObject({ code: 'database.too_old', details: { version: '14.12' } });
  const { rows } = await sql`select relname from pg_class where relnamespace = 'public'::regnamespace`.execute(db);
  await db.destroy();
  expect(rows).toEqual([]);
});
