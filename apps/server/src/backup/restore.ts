import { sql } from 'kysely';
import type { Database, Executor } from '../store/database.ts';
import { assertKnown, migrateWithin, migrationNames } from '../store/migrate.ts';
import type { WorkKind } from '../store/schema.ts';
import { BackupUnusable, DatabaseNotEmpty } from './errors.ts';
import type { End, SequenceState } from './format.ts';
import { takeAlone } from './in-use.ts';
import { backupLines, inspectBackup } from './read.ts';
import { ownFunctions, ownSequences, ownTables } from './tables.ts';
import type { BackupOptions, BackupResult } from './write.ts';

export interface RestoreOptions extends BackupOptions {
  /** Whether data that is there already may be given up. Default false. */
  readonly replace?: boolean;
}

/** PostgreSQL's classes of what is wrong with the data and not with the database: values, constraints. */
const wrongData = /^2[23]/;
/** Rows and characters that are sent at once. */
const batch = { rows: 200, characters: 4_000_000 };

/**
 * Puts what a backup holds into the database, with its instance id, all or nothing. Throws `backup.unusable`, `backup.newer`,
 * `database.in_use` while a server uses it, `database.newer` for one with tables that this version does not know, `database.not_empty` for
 * one that holds data unless `replace` is set.
 */
export async function restoreBackup(db: Database, path: string, options: RestoreOptions = {}): Promise<BackupResult> {
  // To its end before anything is touched; it is read once more below.
  const { header } = await inspectBackup(path);
  options.signal?.throwIfAborted();
  const rows = await db.transaction().execute(async (tx) => {
    await sql`set local idle_in_transaction_session_timeout = '10min'`.execute(tx);
    await takeAlone(tx);
    // What a newer version has made would stay beside the older tables, in the way of the next upgrade.
    await assertKnown(tx);
    if (options.replace !== true) await assertEmpty(tx);
    await dropAll(tx);
    // Rows go into the tables that they came from; later migrations then find and change them as they would have then.
    await migrateWithin(tx, header.migrations);
    const end = await fill(tx, path, options);
    await setSequences(tx, end.sequences, path);
    await migrateWithin(tx, migrationNames());
    await makeDue(tx);
    return end.rows;
  });
  return { instance: header.instance, rows };
}

/** What a server writes that has only been started: its id, its passes, and where GitHub says that the App is installed. */
const writtenByStart: readonly string[] = ['instance', 'sweeps', 'installations'];
/** The work that it gives itself for that. */
const begunByStart: readonly WorkKind[] = ['sweep', 'installation'];

/** A server that has only been started has written nothing that would be missed. */
async function assertEmpty(tx: Executor): Promise<void> {
  for (const table of await ownTables(tx)) {
    if (writtenByStart.includes(table)) continue;
    const counts = table === 'work' ? sql`kind <> all(${begunByStart})` : sql`true`;
    const { rows } = await sql`select 1 from ${sql.table(table)} where ${counts} limit 1`.execute(tx);
    if (rows.length > 0) throw new DatabaseNotEmpty({ table });
  }
}

async function dropAll(tx: Executor): Promise<void> {
  const tables = await ownTables(tx);
  // In one statement, as they refer to each other. No cascade: what others have built on them is not ours to remove.
  if (tables.length > 0) await sql`drop table ${sql.join(tables.map((name) => sql.table(name)))}`.execute(tx);
  for (const { name } of await ownSequences(tx)) await sql`drop sequence ${sql.table(name)}`.execute(tx);
  for (const name of await ownFunctions(tx)) await sql`drop function ${sql.id(name)}`.execute(tx);
  await sql`drop table if exists migrations`.execute(tx);
}

async function fill(tx: Executor, path: string, { signal, onTable }: RestoreOptions): Promise<End> {
  const known = new Set(await ownTables(tx));
  // Migrations may put rows of their own into new tables; those of the backup are the truth.
  for (const table of known) await sql`delete from ${sql.table(table)}`.execute(tx);
  let pending: { table: string; texts: string[]; characters: number } | undefined;
  let current: { table: string; rows: number } | undefined;
  const flush = async () => {
    if (pending) {
      await insertRows(tx, pending.table, pending.texts).catch((error: unknown) => {
        const { code = '', message } = error as Error & { code?: string };
        throw wrongData.test(code) ? new BackupUnusable({ path, problem: message }, { cause: error }) : error;
      });
    }
    pending = undefined;
  };
  for await (const line of backupLines(path)) {
    signal?.throwIfAborted();
    if (line.kind === 'end') {
      await flush();
      if (current) await onTable?.(current.table, current.rows);
      return line.end;
    }
    if (line.kind === 'table') {
      await flush();
      if (!known.has(line.table))
        throw new BackupUnusable({ path, problem: `it holds a table ${line.table} that its version did not have` });
      if (current) await onTable?.(current.table, current.rows);
      current = { table: line.table, rows: 0 };
    } else if (line.kind === 'row' && line.table !== undefined && current) {
      current.rows += 1;
      pending ??= { table: line.table, texts: [], characters: 0 };
      pending.texts.push(line.text);
      pending.characters += line.text.length;
      if (pending.texts.length >= batch.rows || pending.characters >= batch.characters) await flush();
    }
  }
  throw new BackupUnusable({ path, problem: 'it is cut off' });
}

/** The database reads its own words again, so every type comes back as it was; ids are kept. */
async function insertRows(tx: Executor, table: string, texts: readonly string[]): Promise<void> {
  const rows = `[${texts.join(',')}]`;
  await sql`insert into ${sql.table(table)} overriding system value
    select * from json_populate_recordset(null::${sql.table(table)}, ${rows}::json)`.execute(tx);
}

async function setSequences(tx: Executor, states: readonly SequenceState[], path: string): Promise<void> {
  const known = new Set((await ownSequences(tx)).map(({ name }) => name));
  for (const { name, value, called } of states) {
    if (!known.has(name))
      throw new BackupUnusable({ path, problem: `it holds a sequence ${name} that its version did not have` });
    await sql`select setval(${name}::regclass, ${value}::bigint, ${called})`.execute(tx);
  }
}

/**
 * Nobody works on anything any more, and the world has moved on since: all work is due, also what had been given up or was asked to wait,
 * and every environment that is not gone is looked at again. The sweep then compares all of it with GitHub and the cluster.
 */
async function makeDue(tx: Executor): Promise<void> {
  await sql`
    update work set lease_owner = null, lease_until = null, due_at = least(due_at, now()), not_before = null, parked_at = null`.execute(
    tx,
  );
  await sql`insert into work (kind, key, fair_key)
    select 'environment', id::text, repository_id::text from environments where status <> 'destroyed'
    on conflict (kind, key) do nothing`.execute(tx);
}
