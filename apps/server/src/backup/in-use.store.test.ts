import type { EphemeraError } from '@ephemera/model';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import type { Executor } from '../store/database.ts';
import { isInUse, takeAlone, useDatabase } from './in-use.ts';

const log = pino({ level: 'silent' });
/** Ends the connection that says that the database is in use. */
const breakUse = (db: Executor) =>
  sql`
    select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.objid = 727003
      and l.database = (select oid from pg_database where datname = current_database())`.execute(db);
const patience = { timeout: 20_000, interval: 50 };

test('a server whose connection broke says again that it uses the database', async () => {
  await using target = await cloneDatabase();
  await using _use = await useDatabase(target.address, log);
  const broken = await sql<{ pid: number }>`
    select l.pid from pg_locks l where l.locktype = 'advisory' and l.objid = 727003 and l.database =
      (select oid from pg_database where datname = current_database())`.execute(target.db);
  await sql`select pg_terminate_backend(${broken.rows[0]?.pid})`.execute(target.db);
  await vi.waitFor(async () => {
    const { rows } = await sql<{ pid: number }>`
      select l.pid from pg_locks l where l.locktype = 'advisory' and l.objid = 727003 and l.granted and l.database =
        (select oid from pg_database where datname = current_database())`.execute(target.db);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.pid).not.toBe(broken.rows[0]?.pid);
  }, patience);
  await expect(target.db.transaction().execute(takeAlone)).rejects.toMatchObject({ code: 'database.in_use' });
});

test('a server under which the database was exchanged is told so', async () => {
  await using target = await cloneDatabase();
  await sql`insert into instance (id) values ('before')`.execute(target.db);
  await using use = await useDatabase(target.address, log);
  use.expect('before');
  await sql`update instance set id = 'after'`.execute(target.db);
  await breakUse(target.db);
  expect(await use.lost).toMatchObject({ code: 'database.exchanged', details: { found: 'after', expected: 'before' } });
});

test.each([
  ['holds no instance', sql`delete from instance`],
  ['has none of our tables', sql`drop table instance`],
])('a server whose database %s any more is told so', async (_, change) => {
  await using target = await cloneDatabase();
  await sql`insert into instance (id) values ('before')`.execute(target.db);
  await using use = await useDatabase(target.address, log);
  use.expect('before');
  await change.execute(target.db);
  await breakUse(target.db);
  expect(await use.lost).toMatchObject({ code: 'database.exchanged', details: { found: 'none', expected: 'before' } });
});

test('a connection that ends before the answer decides nothing: the next one does', async () => {
  await using target = await cloneDatabase();
  await sql`insert into instance (id) values ('before')`.execute(target.db);
  await using use = await useDatabase(target.address, log);
  use.expect('before');
  const ended: EphemeraError[] = [];
  void use.lost.then((error) => ended.push(error));
  const waiting = sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await target.db.transaction().execute(async (tx) => {
    // The question has to wait, and is cut off.
    await sql`lock table instance`.execute(tx);
    await breakUse(target.db);
    const asking = await vi.waitFor(async () => {
      const { rows } = await waiting.execute(target.db);
      expect(rows).toHaveLength(1);
      return rows[0]?.pid;
    }, patience);
    await sql`select pg_terminate_backend(${asking})`.execute(target.db);
    await vi.waitFor(async () => {
      const { rows } = await waiting.execute(target.db);
      expect(rows).toHaveLength(1);
      expect(rows[0]?.pid).not.toBe(asking);
    }, patience);
    expect(ended).toEqual([]);
    await sql`update instance set id = 'after'`.execute(tx);
  });
  expect(await use.lost).toMatchObject({ details: { found: 'after' } });
});

test('it is known whether a server uses a database, and another database does not count', async () => {
  await using target = await cloneDatabase();
  await using other = await cloneDatabase();
  {
    await using _use = await useDatabase(target.address, log);
    expect(await isInUse(target.db)).toBe(true);
    expect(await isInUse(other.db)).toBe(false);
  }
  await vi.waitFor(async () => expect(await isInUse(target.db)).toBe(false), patience);
});
