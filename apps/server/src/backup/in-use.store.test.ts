import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { cloneDatabase } from '../../test/database.ts';
import { takeAlone, useDatabase } from './in-use.ts';

const log = pino({ level: 'silent' });
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
  await sql`
    select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.objid = 727003
      and l.database = (select oid from pg_database where datname = current_database())`.execute(target.db);
  expect(await use.lost).toMatchObject({ code: 'database.exchanged', details: { found: 'after', expected: 'before' } });
});
