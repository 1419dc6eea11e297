import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { cloneDatabase, emptyDatabase } from '../../test/database.ts';
import { embeddedPlaces, startEmbeddedPostgres } from '../postgres/embedded.ts';
import { isAlive, readPostmaster } from '../postgres/postmaster.ts';
import { readSettings } from '../settings.ts';
import { checkDatabase } from './database-check.ts';

const log = pino({ level: 'silent' });
const check = (settings: Record<string, string>) => checkDatabase(readSettings(settings), log);

test('a database that can be written is well, and nothing is left of the trial', async () => {
  await using database = await cloneDatabase();
  await sql`insert into instance (id) values ('abc')`.execute(database.db);
  const { verdict, instance } = await check({ DATABASE_URL: database.url });
  expect(verdict).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/PostgreSQL 18.*can be written.*instance abc/) as unknown,
  });
  expect(instance).toBe('abc');
  expect((await sql`select to_regclass('ephemera_doctor') as left`.execute(database.db)).rows).toEqual([
    { left: null },
  ]);
});

test('a new database is well, and the doctor does not migrate it', async () => {
  await using database = await emptyDatabase();
  expect((await check({ DATABASE_URL: database.url })).verdict).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/the next start of the server runs \d+ migrations/) as unknown,
  });
  expect((await sql`select to_regclass('migrations') as made`.execute(database.db)).rows).toEqual([{ made: null }]);
});

test('a database that accepts no writes is broken', async () => {
  await using database = await cloneDatabase();
  await sql`do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`.execute(
    database.db,
  );
  expect((await check({ DATABASE_URL: database.url })).verdict).toMatchObject({
    ok: false,
    detail: expect.stringContaining('can only be read') as unknown,
  });
});

test('a database of a newer version is broken, by what it has run', async () => {
  await using database = await cloneDatabase();
  await sql`insert into migrations (name) values ('999_tomorrow.sql')`.execute(database.db);
  expect((await check({ DATABASE_URL: database.url })).verdict).toMatchObject({
    ok: false,
    detail: expect.stringContaining('999_tomorrow.sql') as unknown,
  });
});

test('an account that may not create tables is found out by the trial', async () => {
  await using database = await cloneDatabase();
  await sql`revoke create on schema public from public`.execute(database.db);
  const role = `reader_${Math.random().toString(36).slice(2)}`;
  await sql`create role ${sql.id(role)} login`.execute(database.db);
  try {
    await sql`grant select on all tables in schema public to ${sql.id(role)}`.execute(database.db);
    const url = database.url.replace(/\/\/[^@]*@/, `//${role}@`);
    await expect(check({ DATABASE_URL: url })).rejects.toThrow('permission denied');
  } finally {
    await sql`drop owned by ${sql.id(role)}`.execute(database.db);
    await sql`drop role ${sql.id(role)}`.execute(database.db);
  }
});

test('the embedded database of a running server is looked at without disturbing it, and none is made where there was none', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ephemera-doctor-'));
  chmodSync(dataDir, 0o755);
  const { data } = embeddedPlaces(dataDir);
  try {
    expect((await check({ DATA_DIR: dataDir })).verdict).toMatchObject({ ok: true });
    expect(existsSync(data)).toBe(false);
    {
      await using server = await startEmbeddedPostgres({ dataDir, log, durable: false });
      const { pid } = server;
      expect((await check({ DATA_DIR: dataDir })).verdict).toMatchObject({
        ok: true,
        detail: expect.stringContaining(`embedded, in ${dataDir}`) as unknown,
      });
      expect(server.pid).toBe(pid);
      expect(isAlive(pid ?? 0, data)).toBe(true);
    }
    expect((await check({ DATA_DIR: dataDir })).verdict).toMatchObject({ ok: true });
    expect(readPostmaster(data)).toBeUndefined();
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
