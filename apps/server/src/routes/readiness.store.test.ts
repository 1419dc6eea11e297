import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { openDatabase } from '../store/database.ts';
import { createReadiness } from './readiness.ts';

const version = async () => 'v1.36.3';
const cluster = { version };

test('ready means that the database was written and the cluster has answered', async () => {
  await using database = await cloneDatabase();
  const readiness = createReadiness({ db: database.db, cluster });
  expect(await readiness()).toEqual({ ready: true, checks: { database: 'ok', cluster: 'ok' } });
});

test('a database that only reads is not ready, however well it answers', async () => {
  await using database = await cloneDatabase();
  const url = `${database.url}&options=-c%20default_transaction_read_only%3Don`;
  const db = openDatabase({ connectionString: url }, () => {});
  expect(await createReadiness({ db, cluster })()).toEqual({
    ready: false,
    checks: { database: 'the database is read-only', cluster: 'ok' },
  });
  await db.destroy();
});

test('however many ask within a second, the cluster is asked once', async () => {
  await using database = await cloneDatabase();
  const asked = vi.fn<typeof version>(version);
  const readiness = createReadiness({ db: database.db, cluster: { version: asked } });
  await Promise.all([readiness(), readiness(), readiness()]);
  await readiness();
  expect(asked).toHaveBeenCalledOnce();
});

test('a database that hangs is told as such within the deadline, and is not asked again while it does', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  const readiness = createReadiness({ db, cluster });
  const released = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holder = db.transaction().execute(async (tx) => {
    await sql`lock table instance in access exclusive mode`.execute(tx);
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  const startedAt = performance.now();
  const [first, second] = await Promise.all([readiness(), readiness()]);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  expect(first.checks.database).toContain('no answer within');
  expect(second.ready).toBe(false);
  const { rows } = await sql<{ waiting: number }>`
    select count(*) as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  expect(rows[0]?.waiting).toBe(1);
  released.resolve();
  await holder;
  await vi.waitFor(async () => expect((await readiness()).ready).toBe(true), { timeout: 5_000 });
});

test('a server that is asked to stop is not ready from that moment on, whatever was true a moment ago', async () => {
  await using database = await cloneDatabase();
  let stopping = false;
  const readiness = createReadiness({ db: database.db, cluster, stopping: () => stopping });
  expect((await readiness()).ready).toBe(true);
  stopping = true;
  expect(await readiness()).toMatchObject({ ready: false, checks: { server: 'the server is stopping' } });
});
