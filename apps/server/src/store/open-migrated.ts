import { EphemeraError, messageOf } from '@ephemera/model';
import { DatabaseUnreachable } from '../errors.ts';
import { openDatabase, type Address, type Database } from './database.ts';
import { migrate } from './migrate.ts';

/** Opens a database and brings it to the present schema. Throws `database.unreachable` or `database.too_old`, and then holds nothing open. */
export async function openMigrated(address: Address, onIdleError: (error: Error) => void): Promise<Database> {
  const db = openDatabase(address, onIdleError);
  try {
    await migrate(db);
    return db;
  } catch (error) {
    await db.destroy();
    throw error instanceof EphemeraError
      ? error
      : new DatabaseUnreachable({ problem: messageOf(error) }, { cause: error });
  }
}
