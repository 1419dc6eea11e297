import { revokeToken } from '@ephemera/server/admin';
import type { Context } from '../../context.ts';
import { plain } from '../../table.ts';
import { openNamedDatabase } from '../database/open.ts';

export async function revoke(this: Context, { envFile }: { envFile?: string }, name: string): Promise<void> {
  await using database = await openNamedDatabase(this, envFile);
  await revokeToken(database.db, name);
  this.process.stderr.write(`${plain(name)} is revoked: the next request with it is refused.\n`);
}
