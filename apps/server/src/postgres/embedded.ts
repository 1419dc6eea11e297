import { spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import pg from 'pg';
import type { Address } from '../store/database.ts';
import { closedFolder, databaseAccount } from './account.ts';
import { findBinaries, majorVersion, type Binaries } from './binaries.ts';
import { DataDirUnusable, DidNotStart, OtherMajorVersion } from './errors.ts';
import { initialize } from './initialize.ts';
import { isAlive, readPostmaster, stopPostmaster } from './postmaster.ts';

export interface EmbeddedPostgres extends AsyncDisposable {
  readonly address: Address;
  readonly pid: number | undefined;
  /** The same server, another of its databases. */
  readonly addressOf: (database: string) => Address;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** False trades safety after a power cut for speed; for tests. Default true. */
  readonly durable?: boolean;
}

const user = 'ephemera';
const database = 'ephemera';
const startTimeoutMs = 30_000;
/** Unix socket paths end at 107 bytes. */
const longestSocketPath = 107;
/** Whoever holds this session lock stops the database at its own end; anybody else is a guest. */
const ownerLock = 727_002;

/**
 * Starts PostgreSQL as a child process in a folder of ours, or joins the one that runs there: after a `kill -9` of the server,
 * its database lives on and is taken over. Reached by a Unix socket only.
 */
export async function startEmbeddedPostgres({
  dataDir,
  log,
  durable = true,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = join(resolve(dataDir), 'postgres');
  const paths = { data: join(folder, 'data'), run: join(folder, 'run'), log: join(folder, 'postgres.log') };
  prepareFolders(folder, paths.run);
  const addressOf = (name: string): Address => ({ host: paths.run, user, database: name });

  const binaries = findBinaries(dataDir);
  if (!existsSync(join(paths.data, 'PG_VERSION'))) await initialize(binaries, paths.data, user);
  const found = readFileSync(join(paths.data, 'PG_VERSION'), 'utf8').trim();
  if (found !== majorVersion) throw new OtherMajorVersion({ path: paths.data, found, expected: majorVersion });

  if (await adopted(paths.data, addressOf('postgres'))) {
    log.info({ folder }, 'the embedded PostgreSQL runs already and is used as it is');
  } else {
    await start(binaries, paths, addressOf('postgres'), durable);
  }
  await createDatabase(addressOf('postgres'));
  const owner = await claimOwnership(addressOf('postgres'));
  return {
    address: addressOf(database),
    pid: readPostmaster(paths.data),
    addressOf,
    [Symbol.asyncDispose]: async () => {
      const owned = owner !== undefined;
      await owner?.end().catch(() => {});
      if (owned) await stopPostmaster(paths.data);
    },
  };
}

function prepareFolders(folder: string, run: string): void {
  if (Buffer.byteLength(join(run, '.s.PGSQL.5432')) > longestSocketPath) {
    throw new DataDirUnusable({
      path: folder,
      problem: 'its path is too long for a Unix socket (about 80 characters are left to it)',
    });
  }
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const account = databaseAccount();
  if (!account) return;
  const closed = closedFolder(folder);
  if (closed !== undefined) {
    throw new DataDirUnusable({
      path: folder,
      problem: `as root the database runs as another user, who may not enter ${closed}`,
    });
  }
  chownSync(folder, account.uid, account.gid);
  chownSync(run, account.uid, account.gid);
}

/** True when a server runs on this data and answers. One that hangs is stopped, so that a fresh one can take its place. */
async function adopted(data: string, address: Address): Promise<boolean> {
  const pid = readPostmaster(data);
  if (pid === undefined || !isAlive(pid)) return false;
  if (await answersWithin(address, startTimeoutMs, () => isAlive(pid))) return true;
  await stopPostmaster(data);
  return false;
}

async function start(
  binaries: Binaries,
  paths: { data: string; run: string; log: string },
  address: Address,
  durable: boolean,
): Promise<void> {
  const output = openSync(paths.log, 'a', 0o600);
  const settings = {
    listen_addresses: '',
    unix_socket_permissions: '0700',
    shared_buffers: '32MB',
    max_connections: '100',
    // A dead client is noticed, also while its query waits for a lock.
    client_connection_check_interval: '5s',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const child = spawn(
    binaries.postgres,
    [
      '-D',
      paths.data,
      '-k',
      paths.run,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    // A group of its own: Ctrl-C is for the server, which stops the database when it no longer needs it.
    {
      ...databaseAccount(),
      detached: true,
      stdio: ['ignore', output, output],
      env: { LANG: 'C', TZ: 'UTC' },
      cwd: paths.run,
    },
  );
  closeSync(output);
  let failed = false;
  child.once('exit', () => (failed = true));
  child.once('error', () => (failed = true));
  child.unref();
  if (await answersWithin(address, startTimeoutMs, () => !failed)) return;
  await stopPostmaster(paths.data);
  throw new DidNotStart({ log: paths.log, tail: readFileSync(paths.log, 'utf8').split('\n').slice(-12).join('\n') });
}

async function answersWithin(address: Address, timeoutMs: number, whileTrue: () => boolean): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && whileTrue()) {
    const client = new pg.Client({ ...address, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return true;
    } catch {
      await wait(20);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function createDatabase(address: Address): Promise<void> {
  const client = new pg.Client({ ...address });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } catch (error) {
    const alreadyThere = ['42P04', '23505'].includes((error as pg.DatabaseError).code ?? '');
    if (!alreadyThere) throw error;
  } finally {
    await client.end();
  }
}

async function claimOwnership(address: Address): Promise<pg.Client | undefined> {
  const client = new pg.Client({ ...address, keepAlive: true });
  client.on('error', () => {});
  await client.connect();
  const deadline = performance.now() + 2_000;
  do {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [ownerLock]);
    if (rows[0]?.mine) return client;
    // The backend of a server that was just killed lets go in a moment; a living server keeps it.
    await wait(50);
  } while (performance.now() < deadline);
  await client.end();
  return undefined;
}
