import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { openAdminDatabase } from '../src/admin/database.ts';
import { readSettings } from '../src/settings.ts';
import { createToken } from '../src/tokens/tokens.ts';

/** The header of requests to a server with these settings, which runs in another process: a token that may do everything. */
export async function authorizationFor(
  settings: Readonly<Record<string, string | undefined>>,
): Promise<{ authorization: string }> {
  await using admin = await openAdminDatabase(readSettings(settings), { log: pino({ level: 'silent' }) });
  const { text } = await createToken(admin.db, { name: `test-${randomUUID()}`, scopes: ['admin'] });
  return { authorization: `Bearer ${text}` };
}
