import type { Logger } from 'pino';
import { isInUse } from '../backup/in-use.ts';
import { visitEmbeddedPostgres } from '../postgres/visit.ts';
import type { Settings } from '../settings.ts';
import type { Address, Database } from '../store/database.ts';
import { assertSupported, migrate } from '../store/migrate.ts';
import { openMigrated } from '../store/open-migrated.ts';
import { UpgradePending } from './errors.ts';

/** The server's database, for a command beside the server. Disposing closes the connections, and stops only what was started for it. */
export interface AdminDatabase extends AsyncDisposable {
  readonly db: Database;
  /** What people call it: `DATABASE_URL`, or the folder of the embedded one. Never an address with a password. */
  readonly name: string;
}

export interface AdminOptions {
  readonly log: Logger;
  /** `as_found`: nothing is migrated, and nothing need be there. Default: the present one. */
  readonly schema?: 'present' | 'as_found';
}

/**
 * Opens the database that these settings name: DATABASE_URL, or the embedded one of DATA_DIR, which is started for the time being when it
 * does not run. Works while a server runs, but migrates nothing under one: then it throws `database.upgrade_pending`. Throws
 * `database.unreachable`, `database.too_old`, `database.newer`, or what the embedded PostgreSQL says.
 */
export async function openAdminDatabase(
  settings: Settings,
  { log, schema = 'present' }: AdminOptions,
): Promise<AdminDatabase> {
  await using stack = new AsyncDisposableStack();
  const url = settings.DATABASE_URL;
  const address: Address =
    url === undefined
      ? stack.use(await visitEmbeddedPostgres({ dataDir: settings.dataDir, log })).address
      : { connectionString: url };
  const db = await openMigrated(
    address,
    (error) => log.warn({ err: error }, 'an idle database connection broke'),
    schema === 'as_found' ? assertSupported : migrateUnused,
  );
  stack.defer(() => db.destroy());
  const owned = stack.move();
  return {
    db,
    name: url === undefined ? `embedded PostgreSQL in ${settings.dataDir}` : 'DATABASE_URL',
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A server would go on with statements that the new schema does not know. One that starts meanwhile waits, and then sees for itself. */
async function migrateUnused(db: Database): Promise<void> {
  await migrate(db, {
    beforeUpgrade: async (tx) => {
      if (await isInUse(tx)) throw new UpgradePending({});
    },
  });
}
