import { openAdminDatabase, type AdminDatabase, type AdminOptions } from '@ephemera/server/admin';
import { readSettings } from '@ephemera/server/settings';
import { pino } from 'pino';
import type { Context } from '../../context.ts';
import { withEnvFile } from '../../env-file.ts';

/** The database that the settings name, and a line that says which one it is. */
export async function openNamedDatabase(
  context: Context,
  envFile: string | undefined,
  options: Pick<AdminOptions, 'schema'> = {},
): Promise<AdminDatabase> {
  const settings = readSettings(withEnvFile(context.environment, envFile));
  const database = await openAdminDatabase(settings, { log: pino({ level: 'silent' }), ...options });
  context.process.stderr.write(`Database: ${database.name}\n`);
  return database;
}

/** A line for each table that is through. Empty ones say nothing. */
export function tablePrinter(out: NodeJS.WritableStream): (table: string, rows: number) => void {
  return (table, rows) => {
    if (rows > 0) out.write(`  ${table.padEnd(16)}${rows} row${rows === 1 ? '' : 's'}\n`);
  };
}

export function total(rows: Readonly<Record<string, number>>): number {
  return Object.values(rows).reduce((sum, count) => sum + count, 0);
}
