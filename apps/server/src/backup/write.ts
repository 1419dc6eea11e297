import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { EphemeraError, messageOf } from '@ephemera/model';
import { sql } from 'kysely';
import type { Database, Executor } from '../store/database.ts';
import { assertKnown } from '../store/migrate.ts';
import { BackupNotWritten, NothingToBackUp } from './errors.ts';
import { endLine, formatVersion, headerLine, tableLine } from './format.ts';
import { ownSequences, ownTables } from './tables.ts';

export interface BackupOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called when a table is complete; waited for. */
  readonly onTable?: (table: string, rows: number) => void | Promise<void>;
}

export interface BackupResult {
  readonly instance: string | null;
  /** By table. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Rows in memory at once; the widest hold the log of a deployment. */
const batch = 200;

/**
 * Writes all of our tables as of one moment into `path`, readable by its owner only. Works while servers run. The file appears under its
 * name when it is complete; what stood there before is replaced then. A database with an older schema is written as it is. Throws
 * `backup.not_written`, `backup.nothing_there` for a database that no server has used, `database.newer`, or what the database says.
 */
export async function writeBackup(db: Database, path: string, options: BackupOptions = {}): Promise<BackupResult> {
  const unfinished = `${path}.${process.pid}.part`;
  try {
    const result = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((tx) => writeTables(tx, unfinished, options));
    await sync(unfinished);
    await rename(unfinished, path);
    await sync(dirname(resolve(path)));
    return result;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    options.signal?.throwIfAborted();
    throw isFileError(error) ? new BackupNotWritten({ path, problem: error.message }, { cause: error }) : error;
  }
}

async function writeTables(tx: Executor, file: string, { signal, onTable }: BackupOptions): Promise<BackupResult> {
  // A slow disk makes the transaction wait; that is no reason to end it.
  await sql`set local idle_in_transaction_session_timeout = '10min'`.execute(tx);
  const rows: Record<string, number> = {};
  // Tables that this version does not know would be missing in it.
  const migrations = await assertKnown(tx);
  if (migrations.length === 0) throw new NothingToBackUp({});
  const instance = (await sql<{ id: string }>`select id from instance`.execute(tx)).rows[0]?.id ?? null;

  async function* lines(): AsyncGenerator<string> {
    yield `${headerLine({
      format: formatVersion,
      migrations: [...migrations],
      instance,
      createdAt: new Date().toISOString(),
    })}\n`;
    for (const table of await ownTables(tx)) {
      yield `${tableLine(table)}\n`;
      rows[table] = 0;
      for await (const texts of rowsOf(tx, table)) {
        rows[table] += texts.length;
        yield texts.map((text) => `${text}\n`).join('');
      }
      await onTable?.(table, rows[table]);
    }
    // Sequences know no snapshot: read last, they are never behind a row.
    yield `${endLine({ rows, sequences: [...(await ownSequences(tx))] })}\n`;
  }
  await pipeline(
    Readable.from(lines()),
    createGzip(),
    createWriteStream(file, { flags: 'wx', mode: 0o600 }),
    signal ? { signal } : {},
  );
  return { instance, rows };
}

/** A cursor, so that a table of any size passes through in pieces. */
async function* rowsOf(tx: Executor, table: string): AsyncGenerator<readonly string[]> {
  // A line break between values means nothing in JSON, and inside of text it is escaped.
  await sql`declare backup_rows no scroll cursor for
    select replace(row_to_json(t)::text, chr(10), ' ') as text from ${sql.table(table)} t`.execute(tx);
  for (;;) {
    const { rows } = await sql<{ text: string }>`fetch ${sql.lit(batch)} from backup_rows`.execute(tx);
    if (rows.length === 0) break;
    yield rows.map(({ text }) => text);
  }
  await sql`close backup_rows`.execute(tx);
}

/** A file whose name is on the disk before its content is would be an empty backup after a power cut. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  if (error instanceof EphemeraError || !(error instanceof Error)) return false;
  const { syscall, path } = error as NodeJS.ErrnoException;
  return (
    syscall !== undefined && ['open', 'write', 'fsync', 'rename', 'close'].includes(syscall) && messageOf(path) !== ''
  );
}
