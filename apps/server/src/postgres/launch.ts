import { spawn } from 'node:child_process';
import { statfsSync } from 'node:fs';
import type { Address } from '../store/database.ts';
import { databaseAccount } from './account.ts';
import { answersWithin } from './answers.ts';
import type { Binaries } from './binaries.ts';
import { DidNotStart, DiskFull } from './errors.ts';
import { openLog } from './log.ts';
import { stopPostmaster } from './postmaster.ts';

export const startTimeoutMs = 30_000;
/** PostgreSQL writes pages of 8 KiB and segments of 16 MiB; with less than this it does not even begin. */
const leastFreeBytes = 1024 * 1024;

export interface Launch {
  readonly data: string;
  /** The folder of the Unix socket. */
  readonly run: string;
  readonly log: string;
  /** False trades safety after a power cut for speed. */
  readonly durable: boolean;
}

/** Starts the server process and returns when it accepts connections. */
export async function launch(binaries: Binaries, paths: Launch, address: Address): Promise<void> {
  const log = openLog(paths.log);
  const settings = {
    listen_addresses: '',
    unix_socket_permissions: '0700',
    shared_buffers: '32MB',
    max_connections: '200',
    // A dead client is noticed, also while its query waits for a lock.
    client_connection_check_interval: '5s',
    ...(paths.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
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
      stdio: ['ignore', log.descriptor, log.descriptor],
      env: { LANG: 'C', TZ: 'UTC' },
      cwd: paths.run,
    },
  );
  log.close();
  let failed = false;
  child.once('exit', () => (failed = true));
  child.once('error', () => (failed = true));
  child.unref();
  if (await answersWithin(address, startTimeoutMs, () => !failed)) return;
  // One that gave up by itself did so because of another one, perhaps, which is not ours to stop.
  if (!failed) await stopPostmaster(paths.data);
  const said = log.said();
  if (isFull(said, paths.data)) throw new DiskFull({ path: paths.data });
  throw new DidNotStart({ log: paths.log, tail: said.split('\n').slice(-12).join('\n') });
}

/** In the system's words, which are English for a process with LANG=C; a log on the full disk itself cannot hold them. */
function isFull(said: string, folder: string): boolean {
  if (said.includes('No space left on device')) return true;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < leastFreeBytes;
}
