import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '@ephemera/model';
import type { Logger } from 'pino';
import pg from 'pg';
import type { Address } from '../store/database.ts';
import { closedFolder, databaseAccount } from './account.ts';
import { answersWithin } from './answers.ts';
import { findBinaries, majorVersion, removeOtherCopies } from './binaries.ts';
import { DataDirUnusable, OtherMajorVersion } from './errors.ts';
import { initialize } from './initialize.ts';
import { keepRunning } from './keep.ts';
import { launch, startTimeoutMs } from './launch.ts';
import { claimOwnership } from './ownership.ts';
import { isAlive, readPostmaster, stopPostmaster } from './postmaster.ts';

export interface EmbeddedPostgres extends AsyncDisposable {
  readonly address: Address;
  /** Of its process now: one that had ended and was started again has another. */
  readonly pid: number | undefined;
  /** Its process as long as it runs, also after disposing. */
  processes(): string[];
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** False trades safety after a power cut for speed; for tests. Default true. */
  readonly durable?: boolean;
  /** Who stops it. `nobody`: disposing leaves it alone, and the next server becomes its owner. Default: who starts it, or finds it without one. */
  readonly owner?: 'starter' | 'nobody';
}

const user = 'ephemera';
const database = 'ephemera';
/** Unix socket paths end at 107 bytes. */
const longestSocketPath = 107;

/**
 * Starts PostgreSQL as a child process in a folder of ours, or joins the one that runs there: after a `kill -9` of the server,
 * its database lives on and is taken over. One that ends by itself is started again, until this is disposed. Reached by a Unix socket only.
 */
export async function startEmbeddedPostgres({
  dataDir,
  log,
  durable = true,
  owner: whose = 'starter',
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { folder, addressOf, address, ...paths } = embeddedPlaces(dataDir);
  prepareFolders(folder, paths.run);

  const binaries = findBinaries(dataDir);
  if (!existsSync(join(paths.data, 'PG_VERSION'))) await initialize(binaries, { data: paths.data, user, durable });
  const found = readFileSync(join(paths.data, 'PG_VERSION'), 'utf8').trim();
  if (found !== majorVersion) throw new OtherMajorVersion({ path: paths.data, found, expected: majorVersion });

  const tidy = () => {
    try {
      removeOtherCopies(binaries, dataDir);
    } catch (error) {
      log.warn({ err: error, dataDir }, 'copies of an earlier PostgreSQL cannot be removed');
    }
  };
  const bringUp = async () => {
    if (await adopted(paths.data, addressOf('postgres'))) {
      log.info({ folder }, 'the embedded PostgreSQL runs already and is used as it is');
    } else {
      try {
        await launch(binaries, { ...paths, durable }, addressOf('postgres'));
        tidy();
      } catch (error) {
        // Of two starts at the same moment PostgreSQL lets one have the folder; the other one joins it.
        if (!(await adopted(paths.data, addressOf('postgres')))) throw error;
      }
    }
    await createDatabase(addressOf('postgres'));
    const owner = whose === 'nobody' ? undefined : await claimOwnership(addressOf('postgres'));
    return { owner, pid: readPostmaster(paths.data) };
  };
  const isUp = () => running.pid !== undefined && isAlive(running.pid, paths.data);

  let running = await bringUp();
  const kept =
    whose === 'nobody'
      ? undefined
      : keepRunning({
          isAlive: isUp,
          restart: async () => {
            await running.owner?.end().catch(() => {});
            running = await bringUp();
          },
          log,
        });
  return {
    address,
    get pid() {
      return running.pid;
    },
    processes: () => (isUp() ? [`postgres-${running.pid}`] : []),
    [Symbol.asyncDispose]: async () => {
      // First of all: what is stopped below must not come back.
      await kept?.[Symbol.asyncDispose]();
      const owned = running.owner !== undefined;
      await running.owner?.end().catch(() => {});
      if (owned) await stopPostmaster(paths.data);
    },
  };
}

/** Where the database of a DATA_DIR lies, and how it is reached. Pure. */
export function embeddedPlaces(dataDir: string) {
  const folder = join(resolve(dataDir), 'postgres');
  const run = join(folder, 'run');
  const addressOf = (name: string): Address => ({ host: run, user, database: name });
  return {
    folder,
    data: join(folder, 'data'),
    run,
    log: join(folder, 'postgres.log'),
    addressOf,
    /** Of our own database in it. */
    address: addressOf(database),
  };
}

function prepareFolders(folder: string, run: string): void {
  if (Buffer.byteLength(join(run, '.s.PGSQL.5432')) > longestSocketPath) {
    throw new DataDirUnusable({
      path: folder,
      problem: 'its path is too long for a Unix socket (about 80 characters are left to it)',
    });
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    mkdirSync(run, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new DataDirUnusable({ path: folder, problem: messageOf(error) }, { cause: error });
  }
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
  if (pid === undefined || !isAlive(pid, data)) return false;
  if (await answersWithin(address, startTimeoutMs, () => isAlive(pid, data))) return true;
  await stopPostmaster(data);
  return false;
}

/** Safe to repeat, also by several at once. */
export async function createDatabase(address: Address): Promise<void> {
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
