import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, test as base, vi } from 'vitest';
import { openDatabase, type Address } from '../store/database.ts';
import { closedFolder } from './account.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded.ts';
import { stopPostmaster } from './postmaster.ts';

const log = pino({ level: 'silent' });
const nobody = 65_534;
const asRoot = process.getuid?.() === 0;
const dataOf = (dataDir: string) => join(dataDir, 'postgres', 'data');

const test = base.extend<{ dataDir: string; start: () => Promise<EmbeddedPostgres> }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  dataDir: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'ephemera-pg-'));
    chmodSync(folder, 0o755);
    await use(folder);
    const leftRunning = running(dataOf(folder));
    await stopPostmaster(dataOf(folder));
    rmSync(folder, { recursive: true });
    expect(leftRunning).toBe(false);
  },
  start: async ({ dataDir }, use) => {
    await use(() => startEmbeddedPostgres({ dataDir, log, durable: false }));
  },
});

async function query<Row>(address: Address, text: string): Promise<Row[]> {
  const db = openDatabase(address, () => {});
  try {
    return (await sql.raw<Row>(text).execute(db)).rows;
  } finally {
    await db.destroy();
  }
}

/** Whether the process that the data folder names is alive. */
function running(data: string): boolean {
  const file = join(data, 'postmaster.pid');
  return existsSync(file) && alive(Number(readFileSync(file, 'utf8').split('\n')[0]));
}

/** A process that has ended but that nobody has asked about, as in containers without an init, counts as gone. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self') || !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const checkout = join(import.meta.dirname, '..', '..', '..', '..');

/** The checkout under a path that every user may enter: it may itself lie in a home folder of root. */
function openCheckout() {
  if (!asRoot || closedFolder(checkout) === undefined) return { at: checkout, [Symbol.dispose]: () => {} };
  const at = mkdtempSync(join(tmpdir(), 'ephemera-open-'));
  execFileSync('mount', ['--bind', checkout, at]);
  const close = () => {
    execFileSync('umount', [at]);
    rmdirSync(at);
  };
  return { at, [Symbol.dispose]: close };
}

interface Elsewhere {
  /** Where the programs are. Default: here. */
  readonly from?: string;
  readonly account?: { readonly uid?: number; readonly gid?: number };
}

/** A process of its own that starts the database, says its pid, and then does nothing. */
async function startElsewhere(dataDir: string, { from = checkout, account = {} }: Elsewhere = {}) {
  const there = (path: string) => (path.startsWith(checkout) ? join(from, relative(checkout, path)) : path);
  const module = pathToFileURL(there(join(import.meta.dirname, 'embedded.ts'))).href;
  const code = `
    import { startEmbeddedPostgres } from ${JSON.stringify(module)};
    const log = { info() {}, warn() {}, error() {}, debug() {} };
    const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log, durable: false });
    // Before the pid is told: whoever reads it may end this process at once.
    process.on('SIGTERM', async () => { await postgres[Symbol.asyncDispose](); process.exit(0); });
    console.log(postgres.pid);
    setInterval(() => {}, 1_000);`;
  const child = spawn(there(process.execPath), ['--input-type=module', '-e', code], {
    ...account,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited])) as [string];
  return {
    pid: Number(line),
    end: async (signal: NodeJS.Signals) => {
      child.kill(signal);
      await exited;
    },
  };
}

/** A process that has ended stays in the table until its parent, for an orphan the machine's init, has looked at it. */
async function ended(pid: number): Promise<void> {
  await vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 10_000 });
}

test('the database starts in an empty folder, keeps its data over a restart, and leaves no process', async ({
  dataDir,
  start,
}) => {
  {
    await using first = await start();
    await query(first.address, 'create table kept (text text)');
    await query(first.address, `insert into kept values ('still here')`);
    expect(alive(first.pid ?? 0)).toBe(true);
  }
  expect(running(dataOf(dataDir))).toBe(false);
  await using second = await start();
  expect(await query(second.address, 'select text from kept')).toEqual([{ text: 'still here' }]);
});

test('it listens on no network address', async ({ start }) => {
  await using postgres = await start();
  expect(await query(postgres.address, 'show listen_addresses')).toEqual([{ listenAddresses: '' }]);
});

test('a second start on the same folder joins the running one, and only the first one’s end stops it', async ({
  start,
}) => {
  const owner = await start();
  const guest = await start();
  expect(guest.pid).toBe(owner.pid);
  await guest[Symbol.asyncDispose]();
  expect(await query(owner.address, 'select 1 as one')).toEqual([{ one: 1 }]);
  await owner[Symbol.asyncDispose]();
  await ended(owner.pid ?? 0);
});

test('two starts at the same moment on an empty folder end up with one database', async ({ start }) => {
  const both = await Promise.all([start(), start()]);
  expect(both[0].pid).toBe(both[1].pid);
  await query(both[0].address, 'create table one (id int)');
  expect(await query(both[1].address, 'select id from one')).toEqual([]);
  await Promise.all(both.map((postgres) => postgres[Symbol.asyncDispose]()));
});

test('after a kill -9 of its starter the database lives on, is adopted with its data, and stops with its new owner', async ({
  dataDir,
  start,
}) => {
  const killed = await startElsewhere(dataDir);
  await killed.end('SIGKILL');
  expect(alive(killed.pid)).toBe(true);

  const adopted = await start();
  expect(adopted.pid).toBe(killed.pid);
  expect(await query(adopted.address, 'select 1 as one')).toEqual([{ one: 1 }]);
  await adopted[Symbol.asyncDispose]();
  await ended(killed.pid);
});

test('after a kill -9 of the database itself the next start brings it back with all that was committed', async ({
  dataDir,
  start,
}) => {
  const first = await startEmbeddedPostgres({ dataDir, log });
  await query(first.address, 'create table kept (id int)');
  process.kill(first.pid ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(alive(first.pid ?? 0)).toBe(false), { timeout: 5_000 });
  await first[Symbol.asyncDispose]();
  await using second = await start();
  expect(second.pid).not.toBe(first.pid);
  expect(await query(second.address, 'select id from kept')).toEqual([]);
});

test('a database that is killed under its running server is started again, with all that was committed', async ({
  dataDir,
}) => {
  await using running = await startEmbeddedPostgres({ dataDir, log });
  const first = running.pid ?? 0;
  await query(running.address, 'create table kept (id int)');
  process.kill(first, 'SIGKILL');

  await vi.waitFor(async () => expect(await query(running.address, 'select id from kept')).toEqual([]), {
    timeout: 30_000,
    interval: 100,
  });
  // The address answers a moment before the server has taken note of the new process.
  await vi.waitFor(() => expect(running.pid).not.toBe(first), { timeout: 10_000 });
  expect(alive(running.pid ?? 0)).toBe(true);
  expect(running.processes()).toEqual([`postgres-${running.pid}`]);
});

test('it never runs as root', async ({ start }) => {
  await using postgres = await start();
  const status = readFileSync(`/proc/${postgres.pid}/status`, 'utf8');
  expect(status).toMatch(asRoot ? /^Uid:\t65534\t/m : new RegExp(`^Uid:\\t${process.getuid?.()}\\t`, 'm'));
});

test('an ordinary user can start it as well', async ({ dataDir }) => {
  const account = asRoot ? { uid: nobody, gid: nobody } : {};
  if (asRoot) chownSync(dataDir, nobody, nobody);
  using open = openCheckout();
  const elsewhere = await startElsewhere(dataDir, { from: open.at, account });
  expect(alive(elsewhere.pid)).toBe(true);
  await elsewhere.end('SIGTERM');
  await ended(elsewhere.pid);
});

test('data of another major version is refused by name, and left alone', async ({ dataDir, start }) => {
  mkdirSync(dataOf(dataDir), { recursive: true });
  writeFileSync(join(dataOf(dataDir), 'PG_VERSION'), '17\n');
  await expect(start()).rejects.toMatchObject({
    code: 'database.other_major_version',
    details: { found: '17', expected: '18' },
  });
  expect(readFileSync(join(dataOf(dataDir), 'PG_VERSION'), 'utf8')).toBe('17\n');
});

test('data of another major version is refused with the way to take it along', async ({ dataDir, start }) => {
  mkdirSync(dataOf(dataDir), { recursive: true });
  writeFileSync(join(dataOf(dataDir), 'PG_VERSION'), '17\n');
  const hint: unknown = expect.stringMatching(/database backup FILE.*database restore FILE/);
  await expect(start()).rejects.toMatchObject({ hint });
});

test.runIf(asRoot && process.platform === 'linux')(
  'a disk that is full is named as the reason, at the first start and at a later one, and room on it mends that',
  async ({ dataDir, start }) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'tmpfs', dataDir]);
    try {
      await expect(start()).rejects.toMatchObject({ code: 'database.disk_full' });
      execFileSync('mount', ['-o', 'remount,size=400m', dataDir]);
      await (await start())[Symbol.asyncDispose]();

      const ballast = join(dataDir, 'ballast');
      const { bavail, bsize } = statfsSync(dataDir);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      await expect(start()).rejects.toMatchObject({ code: 'database.disk_full' });
      rmSync(ballast);
      await (await start())[Symbol.asyncDispose]();
    } finally {
      execFileSync('umount', [dataDir]);
    }
  },
);

test('a folder that holds something else is refused, and left alone', async ({ dataDir, start }) => {
  mkdirSync(dataOf(dataDir), { recursive: true });
  writeFileSync(join(dataOf(dataDir), 'thesis.txt'), 'important');
  await expect(start()).rejects.toMatchObject({
    code: 'database.data_dir_unusable',
    message: expect.stringContaining('holds something that is not a PostgreSQL') as unknown,
  });
  expect(readFileSync(join(dataOf(dataDir), 'thesis.txt'), 'utf8')).toBe('important');
});

test('a path that is too long for a Unix socket is refused before anything is made', async ({ dataDir }) => {
  const long = join(dataDir, 'x'.repeat(100));
  await expect(startEmbeddedPostgres({ dataDir: long, log })).rejects.toMatchObject({
    code: 'database.data_dir_unusable',
    message: expect.stringContaining('too long') as unknown,
  });
  expect(existsSync(long)).toBe(false);
});

test('a DATA_DIR that is a file is refused with its path', async ({ dataDir }) => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  await expect(startEmbeddedPostgres({ dataDir: file, log })).rejects.toMatchObject({
    code: 'database.data_dir_unusable',
    message: expect.stringContaining(file) as unknown,
  });
});

test.runIf(asRoot)(
  'as root, a folder that the database’s account may not enter is refused by its name',
  async ({ dataDir }) => {
    const closed = join(dataDir, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    await expect(startEmbeddedPostgres({ dataDir: join(closed, 'data'), log })).rejects.toMatchObject({
      code: 'database.data_dir_unusable',
      message: expect.stringContaining(`may not enter ${closed}`) as unknown,
    });
  },
);
