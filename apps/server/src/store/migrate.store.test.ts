import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { emptyDatabase } from '../../test/database.ts';
import { openDatabase } from './database.ts';
import { instanceId } from './instance.ts';
import { migrate, migrateWithin, migrationNames } from './migrate.ts';

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
  await Promise.all(servers.map((db) => migrate(db)));
  expect(await database.db.selectFrom('environments').selectAll().execute()).toEqual([]);
});

test('a database that a newer version has used is refused with the migration that is not known, and left alone', async () => {
  await using database = await emptyDatabase();
  await migrate(database.db);
  await sql`insert into migrations (name) values ('999_tomorrow.sql')`.execute(database.db);
  await sql`delete from migrations where name = ${migrationNames().at(-1)}`.execute(database.db);
  await expect(migrate(database.db)).rejects.toMatchObject({
    code: 'database.newer',
    details: { migration: '999_tomorrow.sql' },
  });
});

test('before a database of an older version is changed it is asked whether it may be, a new one and a present one are not', async () => {
  await using older = await emptyDatabase();
  await using database = await emptyDatabase();
  const [first = ''] = migrationNames();
  await older.db.transaction().execute((tx) => migrateWithin(tx, [first]));
  const refused = new Error('not now');
  const beforeUpgrade = async () => Promise.reject(refused);
  await expect(migrate(older.db, { beforeUpgrade })).rejects.toBe(refused);
  expect((await sql`select name from migrations`.execute(older.db)).rows).toEqual([{ name: first }]);
  await migrate(database.db, { beforeUpgrade });
  await migrate(database.db, { beforeUpgrade });
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
