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
