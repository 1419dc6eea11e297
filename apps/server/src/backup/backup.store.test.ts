import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base } from 'vitest';
import { cloneDatabase, emptyDatabase, type TestDatabase } from '../../test/database.ts';
import type { Executor } from '../store/database.ts';
import { migrate, migrateWithin, migrationNames } from '../store/migrate.ts';
import { instanceId } from '../store/instance.ts';
import { beginScheduledSweep, ensureScheduledSweep } from '../store/sweeps.ts';
import { enqueue, lease } from '../store/work.ts';
import { takeAlone, useDatabase } from './in-use.ts';
import { restoreBackup } from './restore.ts';
import { inOrder, ownFunctions, ownSequences, ownTables } from './tables.ts';
import { writeBackup } from './write.ts';

const log = pino({ level: 'silent' });

interface Fixture {
  folder: string;
  file: string;
  source: TestDatabase;
  target: TestDatabase;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'ephemera-backup-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  file: async ({ folder }, use) => use(join(folder, 'backup.gz')),
  // oxlint-disable-next-line no-empty-pattern -- as above
  source: async ({}, use) => {
    await using database = await cloneDatabase();
    await fill(database.db);
    await use(database);
  },
  // oxlint-disable-next-line no-empty-pattern -- as above
  target: async ({}, use) => {
    await using database = await emptyDatabase();
    await use(database);
  },
});

/** Something of every type that the tables have, at the edges of what they hold. */
async function fill(db: Executor): Promise<void> {
  await sql`insert into instance (id) values ('abcdef012345')`.execute(db);
  await sql`insert into users (github_id, github_login) values (7, 'octo'), (8, 'gone')`.execute(db);
  await sql`delete from users where github_id = 8`.execute(db);
  await sql`
    insert into environments (repository_id, repository_full_name, repository_name, pr_number, generation, pr_title, branch_name,
      is_fork, commit_sha, namespace, host, environment_url, status, installation_id, owner_id, wanted_sha, wanted_state)
    select 9007199254740991, 'acme/shop', 'shop', n, 1, ${'a "title"\n\u2028with\\everything 🟢'}, 'feat/cart', false, 'a', 'pr-' || n,
      'h' || n, 'http://h', case when n % 2 = 0 then 'destroyed' else 'ready' end, 1, 1, 'a', 'open'
    from generate_series(1, 450) n`.execute(db);
  await sql`
    insert into events (environment_id, kind, name, commit_sha, at)
    values (1, 'status', 'ready', 'a', '2026-01-02T03:04:05.678901Z')`.execute(db);
  await sql`
    insert into work (kind, key, hint, lease_owner, lease_until, due_at, epoch)
    values ('pull-request', '1/1', ${'{"a":{"camelCase":1.50,"big":12345678901234567890}}'}, 'dead', now() + interval '1 hour',
      now() + interval '1 hour', nextval('work_epoch'))`.execute(db);
  await sql`
    insert into api_tokens (name, prefix, hash, scopes, repositories)
    values ('ci', 'eph_', ${Buffer.from([0, 255, 10, 13])}, ${['admin', 'a,"b']}, null)`.execute(db);
}

/** All that the tables say, as PostgreSQL writes it; what a restore changes on purpose is left out. */
async function content(db: Executor): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const table of (await ownTables(db)).filter((name) => name !== 'work')) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t order by 1`.execute(
      db,
    );
    all[table] = rows.map(({ text }) => text);
  }
  const work = await sql`select kind, key, hint::text as hint, epoch from work where kind = 'pull-request'`.execute(db);
  return { ...all, work: work.rows, sequences: await ownSequences(db) };
}

test('a backup holds every table and sequence that the migrations make, but the list of migrations', async ({
  source,
}) => {
  const { rows } = await sql<{ name: string; kind: string }>`
    select relname as name, relkind as kind from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') and relname <> 'migrations'`.execute(
    source.db,
  );
  const named = (kind: string) => rows.filter((row) => row.kind === kind).map(({ name }) => name);
  expect((await ownTables(source.db)).toSorted()).toEqual(named('r').toSorted());
  expect((await ownSequences(source.db)).map(({ name }) => name)).toEqual(named('S').toSorted());
});

test('a restore makes the functions of the migrations anew, and leaves those of others', async ({ source, file }) => {
  await using target = await cloneDatabase();
  await sql`create function precious() returns int language sql as 'select 1'`.execute(target.db);
  const { rows } = await sql<{ name: string }>`
    select proname as name from pg_proc where pronamespace = 'public'::regnamespace order by proname`.execute(
    target.db,
  );
  expect(['precious', ...(await ownFunctions(target.db))].toSorted()).toEqual(rows.map(({ name }) => name));

  await writeBackup(source.db, file);
  await restoreBackup(target.db, file);
  expect((await sql`select precious() as one`.execute(target.db)).rows).toEqual([{ one: 1 }]);
  expect((await sql`select spent from take_github_write(1, 1, 1, null)`.execute(target.db)).rows).toEqual([
    { spent: null },
  ]);
});

test('tables come after those that they refer to', () => {
  expect(
    inOrder([
      { name: 'a', needs: ['c'] },
      { name: 'b', needs: [] },
      { name: 'c', needs: ['b', 'elsewhere'] },
    ]),
  ).toEqual(['b', 'c', 'a']);
});

test('what was backed up comes back as it was, to the last microsecond, byte and id', async ({
  source,
  target,
  file,
}) => {
  const written = await writeBackup(source.db, file);
  expect(written).toMatchObject({ instance: 'abcdef012345', rows: { environments: 450, users: 1, work: 1 } });
  expect(statSync(file).mode & 0o777).toBe(0o600);

  expect(await restoreBackup(target.db, file)).toEqual(written);
  expect(await content(target.db)).toEqual(await content(source.db));
  const { rows } = await sql`insert into users (github_id, github_login) values (9, 'new') returning id`.execute(
    target.db,
  );
  expect(rows).toEqual([{ id: 3 }]);
});

test('after a restore nobody holds a lease, all work is due, also what was given up or had to wait, and what is not gone is looked at', async ({
  source,
  target,
  file,
}) => {
  await sql`
    insert into work (kind, key, parked_at, not_before)
    values ('report', 'parked', now(), null), ('report', 'waits', null, now() + interval '1 hour')`.execute(source.db);
  await writeBackup(source.db, file);
  await restoreBackup(target.db, file);
  const { rows } = await sql`
    select kind, count(*)::int as count, bool_and(due_at <= now()) as due, count(lease_owner)::int as held
    from work group by kind order by kind`.execute(target.db);
  expect(rows).toEqual([
    { kind: 'environment', count: 225, due: true, held: 0 },
    { kind: 'pull-request', count: 1, due: true, held: 0 },
    { kind: 'report', count: 2, due: true, held: 0 },
  ]);
  const leased = await lease(target.db, { owner: 'server', leaseMs: 1_000, kinds: ['report'], most: 10 });
  expect(leased.map(({ key }) => key).toSorted()).toEqual(['parked', 'waits']);
});

test('a backup shows one moment, whatever is written meanwhile', async ({ source, file }) => {
  const { rows } = await writeBackup(source.db, file, {
    onTable: async (table) => {
      if (table === 'api_tokens')
        await sql`insert into users (github_id, github_login) values (99, 'late')`.execute(source.db);
    },
  });
  expect(rows['users']).toBe(1);
  expect((await sql`select id from users`.execute(source.db)).rows).toHaveLength(2);
});

test('a database that holds data is left alone without --replace, and given up with it', async ({ source, file }) => {
  await using other = await cloneDatabase();
  await writeBackup(source.db, file);
  await sql`insert into users (github_id, github_login) values (1, 'kept')`.execute(other.db);
  await expect(restoreBackup(other.db, file)).rejects.toMatchObject({
    code: 'database.not_empty',
    details: { table: 'users' },
  });
  expect((await sql`select github_login from users`.execute(other.db)).rows).toEqual([{ githubLogin: 'kept' }]);

  await restoreBackup(other.db, file, { replace: true });
  expect(await content(other.db)).toEqual(await content(source.db));
});

test('a database that a server has only been started on counts as empty, one with other work does not', async ({
  source,
  file,
}) => {
  await using started = await cloneDatabase();
  await writeBackup(source.db, file);
  await instanceId(started.db, 'new');
  await ensureScheduledSweep(started.db);
  await beginScheduledSweep(started.db);
  await enqueue(started.db, { kind: 'pull-request', key: '1/1' });
  await expect(restoreBackup(started.db, file)).rejects.toMatchObject({
    code: 'database.not_empty',
    details: { table: 'work' },
  });
  await sql`delete from work where kind = 'pull-request'`.execute(started.db);
  await restoreBackup(started.db, file);
  expect(await content(started.db)).toEqual(await content(source.db));
});

test('a database that no server has used is not backed up, and what stood under that name stays', async ({
  source,
  target,
  file,
}) => {
  await writeBackup(source.db, file);
  const before = readFileSync(file);
  await expect(writeBackup(target.db, file)).rejects.toMatchObject({ code: 'backup.nothing_there' });
  expect(readFileSync(file)).toEqual(before);
});

test('a database of a newer version is neither backed up in part nor replaced', async ({ source, file, folder }) => {
  await writeBackup(source.db, file);
  await sql`insert into migrations (name) values ('999_tomorrow.sql')`.execute(source.db);
  const newer = { code: 'database.newer', details: { migration: '999_tomorrow.sql' } };
  await expect(writeBackup(source.db, join(folder, 'other.gz'))).rejects.toMatchObject(newer);
  await expect(restoreBackup(source.db, file, { replace: true })).rejects.toMatchObject(newer);
  expect(readdirSync(folder)).toEqual(['backup.gz']);
});

test('tables of others in the same database are neither backed up nor removed', async ({ source, target, file }) => {
  await sql`create table ledger_of_somebody (id int)`.execute(source.db);
  await sql`create table precious (id int)`.execute(target.db);
  await sql`insert into precious values (1)`.execute(target.db);
  expect((await writeBackup(source.db, file)).rows).not.toHaveProperty('ledger_of_somebody');
  await restoreBackup(target.db, file, { replace: true });
  expect((await sql`select id from precious`.execute(target.db)).rows).toEqual([{ id: 1 }]);
});

test('a backup of an older version passes the migrations that came after it', async ({ target, file }) => {
  await using older = await emptyDatabase();
  const [first = ''] = migrationNames();
  await older.db.transaction().execute((tx) => migrateWithin(tx, [first]));
  await sql`insert into users (github_id, github_login) values (7, 'octo')`.execute(older.db);
  await sql`
    insert into environments (repository_id, repository_full_name, repository_name, pr_number, generation, branch_name, is_fork,
      commit_sha, namespace, host, environment_url, installation_id, owner_id, wanted_sha, wanted_state)
    values (5, 'acme/shop', 'shop', 1, 1, 'b', false, 'a', 'pr-1', 'h', 'http://h', 77, 1, 'a', 'open')`.execute(
    older.db,
  );
  await writeBackup(older.db, file);

  await restoreBackup(target.db, file);
  expect((await sql`select id, full_name from repositories`.execute(target.db)).rows).toEqual([
    { id: 5, fullName: 'acme/shop' },
  ]);
  expect((await sql`select name from migrations order by name`.execute(target.db)).rows).toEqual(
    migrationNames().map((name) => ({ name })),
  );
  // Nothing is left to do for the start of a server.
  await migrate(target.db);
});

async function rewrite(file: string, change: (lines: string[]) => string[]): Promise<void> {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  writeFileSync(file, gzipSync(change(lines).join('\n')));
}

test.for<[string, string, (file: string) => Promise<void> | void]>([
  ['is cut off', 'it is cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, -200))],
  ['has no end', 'it is cut off', (file) => rewrite(file, (lines) => lines.slice(0, -2))],
  ['lost a row', 'rows are missing', (file) => rewrite(file, (lines) => lines.filter((_, index) => index !== 5))],
  [
    'lost a table',
    'rows are missing',
    (file) => rewrite(file, (lines) => lines.filter((line) => line !== '["table","sweeps"]')),
  ],
  ['holds text', 'no backup of Ephemera', (file) => writeFileSync(file, gzipSync('hello\n'))],
  ['is not packed', 'no backup of Ephemera', (file) => writeFileSync(file, 'hello')],
  ['is empty', 'it is cut off', (file) => writeFileSync(file, '')],
  ['is not there', 'ENOENT', (file) => rmSync(file)],
  [
    'has a format of tomorrow',
    'its format 2 is not known',
    (file) => rewrite(file, ([head = '', ...rest]) => [head.replace('"format":1', '"format":2'), ...rest]),
  ],
  [
    'has a broken row',
    'invalid input syntax',
    (file) => rewrite(file, (lines) => lines.map((line) => (line.startsWith('{"id":1,') ? '{"id":' : line))),
  ],
])('a backup that %s is refused, and the database keeps what it has', async ([, problem, damage], { source, file }) => {
  await writeBackup(source.db, file);
  await damage(file);
  const before = await content(source.db);
  await expect(restoreBackup(source.db, file, { replace: true })).rejects.toMatchObject({
    code: 'backup.unusable',
    message: expect.stringContaining(problem) as unknown,
  });
  expect(await content(source.db)).toEqual(before);
});

test('a backup of a newer version is refused by what is not known of it', async ({ source, target, file }) => {
  await writeBackup(source.db, file);
  await rewrite(file, ([head = '', ...rest]) => [
    head.replace('"migrations":[', '"migrations":["000_tomorrow.sql",'),
    ...rest,
  ]);
  await expect(restoreBackup(target.db, file)).rejects.toMatchObject({
    code: 'backup.newer',
    details: { migration: '000_tomorrow.sql' },
  });
});

test('nothing is restored while a server uses the database, and no server starts during a restore', async ({
  source,
  target,
  file,
}) => {
  await writeBackup(source.db, file);
  {
    await using _use = await useDatabase(target.address, log);
    await expect(restoreBackup(target.db, file)).rejects.toMatchObject({ code: 'database.in_use' });
  }
  await target.db.transaction().execute(async (tx) => {
    await takeAlone(tx);
    await expect(useDatabase(target.address, log)).rejects.toMatchObject({ code: 'database.being_restored' });
  });
  await restoreBackup(target.db, file);
});

test('a backup that is interrupted leaves the previous one and nothing beside it', async ({ source, folder, file }) => {
  await writeBackup(source.db, file);
  const before = readFileSync(file);
  const abort = new AbortController();
  const reason = new Error('interrupted');
  await expect(writeBackup(source.db, file, { signal: abort.signal, onTable: () => abort.abort(reason) })).rejects.toBe(
    reason,
  );
  expect(readFileSync(file)).toEqual(before);
  expect(readdirSync(folder)).toEqual(['backup.gz']);
});

test('a backup into a folder that is not there is refused with its path', async ({ source }) => {
  await expect(writeBackup(source.db, '/no/such/folder/b.gz')).rejects.toMatchObject({ code: 'backup.not_written' });
  expect(existsSync('/no/such/folder')).toBe(false);
});
