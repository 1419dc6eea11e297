import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { defineError } from '@ephemera/model';
import type { Database, Executor } from './database.ts';

export const DatabaseTooOld = defineError<{ version: string }>({
  code: 'database.too_old',
  retryable: false,
  message: ({ version }) => `The database is PostgreSQL ${version}; Ephemera needs 15 or newer.`,
  hint: 'Point DATABASE_URL at a newer server, or leave it out: Ephemera then starts one of its own.',
});

export const DatabaseNewer = defineError<{ migration: string }>({
  code: 'database.newer',
  retryable: false,
  message: ({ migration }) => `This database was used by a newer Ephemera: this one does not know ${migration}.`,
  hint: 'Nothing was changed. Use that version or a newer one: there is no way back to an older schema.',
});

const folder = join(import.meta.dirname, 'migrations');
export const oldestServer = 150_000;
/** Any number, the same for every server of this product: two that start at once migrate one after the other. */
const lockKey = 727_001;

export interface MigrateOptions {
  /**
   * Asked under the lock, before anything is changed in a database that an older version has used. Throws to leave it as it is. Default:
   * it is changed.
   */
  readonly beforeUpgrade?: (tx: Executor) => Promise<void>;
}

/**
 * Runs the numbered SQL files that this database has not seen, each in the same transaction as its record. Throws `database.too_old` or
 * `database.newer`.
 */
export async function migrate(db: Database, options: MigrateOptions = {}): Promise<void> {
  await assertSupported(db);
  await db.transaction().execute((tx) => migrateWithin(tx, migrationNames(), options));
}

/** Throws `database.too_old` for a server that is older than those that Ephemera works with. */
export async function assertSupported(db: Executor): Promise<void> {
  const { rows } = await sql<{ number: number; name: string }>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as name`.execute(db);
  const server = rows[0];
  if (server && server.number < oldestServer) throw new DatabaseTooOld({ version: server.name });
}

/** The migrations that the database has seen, in their order; none in one that is new. Throws `database.newer` for one that is not known here. */
export async function assertKnown(db: Executor): Promise<readonly string[]> {
  const { rows: found } = await sql<{ there: boolean }>`select to_regclass('migrations') is not null as there`.execute(
    db,
  );
  if (!found[0]?.there) return [];
  const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(db);
  const known = migrationNames();
  const unknown = rows.find(({ name }) => !known.includes(name));
  if (unknown) throw new DatabaseNewer({ migration: unknown.name });
  return rows.map(({ name }) => name);
}

/** The migrations of this version, in their order. */
export function migrationNames(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted();
}

export function migrationText(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

/** Runs those of `names` that the database has not seen, for as long as the transaction lasts under the lock. */
export async function migrateWithin(
  tx: Executor,
  names: readonly string[],
  { beforeUpgrade }: MigrateOptions = {},
): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx);
  await sql`create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())`.execute(
    tx,
  );
  const applied = await assertKnown(tx);
  const pending = names.filter((name) => !applied.includes(name));
  if (applied.length > 0 && pending.length > 0) await beforeUpgrade?.(tx);
  for (const name of pending) {
    await sql.raw(migrationText(name)).execute(tx);
    await sql`insert into migrations (name) values (${name})`.execute(tx);
  }
}
