import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base, vi } from 'vitest';
import { cloneDatabase, emptyDatabase, type TestDatabase } from '../../test/database.ts';
import { isInUse, useDatabase } from '../backup/in-use.ts';
import { startEmbeddedPostgres } from '../postgres/embedded.ts';
import { readPostmaster, isAlive, stopPostmaster } from '../postgres/postmaster.ts';
import { readSettings } from '../settings.ts';
import { migrateWithin, migrationNames } from '../store/migrate.ts';
import { openAdminDatabase, type AdminDatabase } from './database.ts';

const log = pino({ level: 'silent' });

interface Fixture {
  dataDir: string;
  open: () => Promise<AdminDatabase>;
  /** The process that serves the folder now. */
  running: () => number | undefined;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  dataDir: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'ephemera-admin-'));
    chmodSync(folder, 0o755);
    await use(folder);
    await stopPostmaster(join(folder, 'postgres', 'data'));
    rmSync(folder, { recursive: true });
  },
  open: async ({ dataDir }, use) => {
    await use(() => openAdminDatabase(readSettings({ DATA_DIR: dataDir }), { log }));
  },
  running: async ({ dataDir }, use) => {
    const data = join(dataDir, 'postgres', 'data');
    await use(() => {
      const pid = readPostmaster(data);
      return pid !== undefined && isAlive(pid, data) ? pid : undefined;
    });
  },
});

const tokens = async ({ db }: AdminDatabase) => db.selectFrom('apiTokens').selectAll().execute();

test('the database of DATABASE_URL is brought to the present schema and named without its address', async () => {
  await using empty = await emptyDatabase();
  await using admin = await openAdminDatabase(readSettings({ DATABASE_URL: empty.url }), { log });
  expect(await tokens(admin)).toEqual([]);
  expect(admin.name).toBe('DATABASE_URL');
});

/** A database that a server of the first version has left. */
async function olderDatabase(): Promise<TestDatabase> {
  const older = await emptyDatabase();
  await older.db.transaction().execute((tx) => migrateWithin(tx, migrationNames().slice(0, 1)));
  return older;
}

const applied = async ({ db }: TestDatabase) =>
  (await sql<{ name: string }>`select name from migrations order by name`.execute(db)).rows.map(({ name }) => name);

test('an older schema is not migrated under the server that uses it, and is when that has ended', async () => {
  await using older = await olderDatabase();
  const settings = readSettings({ DATABASE_URL: older.url });
  {
    await using _server = await useDatabase(older.address, log);
    await expect(openAdminDatabase(settings, { log })).rejects.toMatchObject({ code: 'database.upgrade_pending' });
    expect(await applied(older)).toEqual(migrationNames().slice(0, 1));
  }
  await vi.waitFor(async () => expect(await isInUse(older.db)).toBe(false), { timeout: 5_000 });
  await using _admin = await openAdminDatabase(settings, { log });
  expect(await applied(older)).toEqual(migrationNames());
});

test('a database of the present version is used beside its server', async () => {
  await using database = await cloneDatabase();
  await using _server = await useDatabase(database.address, log);
  await using admin = await openAdminDatabase(readSettings({ DATABASE_URL: database.url }), { log });
  expect(await tokens(admin)).toEqual([]);
});

test('a database that is opened as it is found is not migrated', async () => {
  await using older = await olderDatabase();
  await using _server = await useDatabase(older.address, log);
  const settings = readSettings({ DATABASE_URL: older.url });
  await using _admin = await openAdminDatabase(settings, { log, schema: 'as_found' });
  expect(await applied(older)).toEqual(migrationNames().slice(0, 1));
});

test('a database that cannot be reached is told as such', async () => {
  const settings = readSettings({ DATABASE_URL: 'postgresql://ephemera:secret@127.0.0.1:1/ephemera' });
  const failure = await openAdminDatabase(settings, { log }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'database.unreachable' });
  expect(String(failure)).not.toContain('secret');
});

test('an embedded database that does not run is started for the visit, and stopped after it', async ({
  open,
  running,
}) => {
  {
    await using admin = await open();
    expect(running()).toBeDefined();
    expect(await tokens(admin)).toEqual([]);
  }
  expect(running()).toBeUndefined();
});

test('the embedded database of a running server is used as it is, and lives on', async ({ dataDir, open, running }) => {
  await using _server = await startEmbeddedPostgres({ dataDir, log, durable: false });
  const pid = running();
  {
    await using admin = await open();
    expect(await tokens(admin)).toEqual([]);
  }
  expect(running()).toBe(pid);
});

test('an embedded database whose server was killed is not stopped by a visit', async ({ dataDir, open, running }) => {
  await startEmbeddedPostgres({ dataDir, log, durable: false, owner: 'nobody' });
  const pid = running();
  await (await open())[Symbol.asyncDispose]();
  expect(running()).toBe(pid);
});

test('a server that starts during a visit owns the database, which the end of the visit leaves to it', async ({
  dataDir,
  open,
  running,
}) => {
  const admin = await open();
  const server = await startEmbeddedPostgres({ dataDir, log, durable: false });
  await admin[Symbol.asyncDispose]();
  expect(running()).toBeDefined();
  await server[Symbol.asyncDispose]();
  expect(running()).toBeUndefined();
});

test('of two visits at once the one that started the database waits for the other one', async ({ open, running }) => {
  const first = await open();
  const second = await open();
  const ended = first[Symbol.asyncDispose]();
  expect(await tokens(second)).toEqual([]);
  expect(running()).toBeDefined();
  await second[Symbol.asyncDispose]();
  await ended;
  expect(running()).toBeUndefined();
});
