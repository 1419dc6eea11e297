import type { Logger } from 'pino';
import { visitEmbeddedPostgres } from '../postgres/visit.ts';
import type { Settings } from '../settings.ts';
import type { Address, Database } from '../store/database.ts';
import { openMigrated } from '../store/open-migrated.ts';

/** The server's database, for a command beside the server. Disposing closes the connections, and stops only what was started for it. */
export interface AdminDatabase extends AsyncDisposable {
  readonly db: Database;
  /** What people call it: `DATABASE_URL`, or the folder of the embedded one. Never an address with a password. */
  readonly name: string;
}

export interface AdminOptions {
  readonly log: Logger;
}

/**
 * Opens the database that these settings name, with the present schema: DATABASE_URL, or the embedded one of DATA_DIR, which is
 * started for the time being when it does not run. Works while a server runs. Throws `database.unreachable`, `database.too_old`, or
 * what the embedded PostgreSQL says.
 */
export async function openAdminDatabase(settings: Settings, { log }: AdminOptions): Promise<AdminDatabase> {
  await using stack = new AsyncDisposableStack();
  const url = settings.DATABASE_URL;
  const address: Address =
    url === undefined
      ? stack.use(await visitEmbeddedPostgres({ dataDir: settings.dataDir, log })).address
      : { connectionString: url };
  const db = await openMigrated(address, (error) => log.warn({ err: error }, 'an idle database connection broke'));
  stack.defer(() => db.destroy());
  const owned = stack.move();
  return {
    db,
    name: url === undefined ? `embedded PostgreSQL in ${settings.dataDir}` : 'DATABASE_URL',
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
