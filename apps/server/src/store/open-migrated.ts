import { EphemeraError, messageOf } from '@ephemera/model';
import { DatabaseUnreachable } from '../errors.ts';
import { openDatabase, type Address, type Database } from './database.ts';
import { migrate } from './migrate.ts';

/**
 * Opens a database and brings it to the present schema, or does instead what `prepare` does. Throws `database.unreachable`,
 * `database.too_old`, `database.newer` or what `prepare` throws, and then holds nothing open.
 */
export async function openMigrated(
  address: Address,
  onIdleError: (error: Error) => void,
  prepare: (db: Database) => Promise<void> = migrate,
): Promise<Database> {
  const db = openDatabase(address, onIdleError);
  try {
    await prepare(db);
    return db;
  } catch (error) {
    await db.destroy();
    throw error instanceof EphemeraError
      ? error
      : new DatabaseUnreachable({ problem: messageOf(error) }, { cause: error });
  }
}
