import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { startPostgresProxy, type Behind, type PostgresProxy } from '../../test/faults/postgres-proxy.ts';
import { soon } from '../../test/world.ts';
import { openDatabase, type Database } from './database.ts';

interface Through extends AsyncDisposable {
  readonly postgres: PostgresProxy;
  readonly db: Database;
}

async function through(): Promise<Through> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await cloneDatabase());
  const postgres = stack.use(await startPostgresProxy(database.address as Behind));
  const db = stack.adopt(
    openDatabase({ connectionString: postgres.url }, () => {}, 3),
    (opened) => opened.destroy(),
  );
  const owned = stack.move();
  return { postgres, db, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const write = (db: Database) => sql`update instance set created_at = created_at`.execute(db);

/** Opens all connections of the pool. */
async function fill(db: Database): Promise<void> {
  await Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.05)`.execute(db)));
}

test('one refused write is enough to leave a server that takes none any more', async () => {
  await using world = await through();
  await fill(world.db);
  // The second pool, if there is one, has to be older than a second before it is replaced; the first one as well.
  await soon(async () => {
    await world.postgres.demote();
    await expect(write(world.db)).rejects.toMatchObject({ code: '25006' });
    await expect(write(world.db)).resolves.toBeDefined();
  });
  await Promise.all([write(world.db), write(world.db), write(world.db)]);
});

test('a connection that breaks in the middle of a transaction fails that transaction and nothing else', async () => {
  await using world = await through();
  await expect(
    world.db.transaction().execute(async (tx) => {
      await write(tx);
      world.postgres.reset();
      await soon(async () => expect(world.postgres.connections()).toBe(0));
      await write(tx);
    }),
  ).rejects.toThrow(/terminated|ECONNRESET|not queryable|discarded/);
  await expect(write(world.db)).resolves.toBeDefined();
});

test('closing does not wait for connections that are half open', async () => {
  await using world = await through();
  const db = openDatabase({ connectionString: world.postgres.url }, () => {}, 3);
  await fill(db);
  world.postgres.freeze();
  await expect(db.destroy()).resolves.toBeUndefined();
});
