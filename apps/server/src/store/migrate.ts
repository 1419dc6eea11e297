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

const folder = join(import.meta.dirname, 'migrations');
export const oldestServer = 150_000;
/** Any number, the same for every server of this product: two that start at once migrate one after the other. */
const lockKey = 727_001;

/** Runs the numbered SQL files that this database has not seen, each in the same transaction as its record. */
export async function migrate(db: Database): Promise<void> {
  const { rows } = await sql<{ number: number; name: string }>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as name`.execute(db);
  const server = rows[0];
  if (server && server.number < oldestServer) throw new DatabaseTooOld({ version: server.name });
  await db.transaction().execute((tx) => migrateWithin(tx, migrationNames()));
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
export async function migrateWithin(tx: Executor, names: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx);
  await sql`create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())`.execute(
    tx,
  );
  const applied = await sql<{ name: string }>`select name from migrations`.execute(tx);
  const known = new Set(applied.rows.map(({ name }) => name));
  for (const name of names.filter((candidate) => !known.has(candidate))) {
    await sql.raw(migrationText(name)).execute(tx);
    await sql`insert into migrations (name) values (${name})`.execute(tx);
  }
}
