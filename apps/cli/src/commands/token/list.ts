import { listTokens, type ListedToken } from '@ephemera/server/admin';
import type { Context } from '../../context.ts';
import { table } from '../../table.ts';
import { openNamedDatabase } from '../database/open.ts';

interface Flags {
  readonly json: boolean;
  readonly envFile?: string;
}

export async function list(this: Context, { json, envFile }: Flags): Promise<void> {
  await using database = await openNamedDatabase(this, envFile);
  const tokens = await listTokens(database.db, new Date());
  const { stdout, stderr } = this.process;
  if (json) {
    stdout.write(`${JSON.stringify(tokens.map(toJson), null, 2)}\n`);
    return;
  }
  if (tokens.length === 0) {
    stderr.write(
      `There are no tokens in ${database.name}. One is made by: npx ephemera token create --name NAME --scopes A,B\n`,
    );
    return;
  }
  const rows = tokens.map((token) => [
    token.name,
    token.state,
    `${token.prefix}…`,
    token.scopes.join(','),
    [...(token.repositories ?? []), ...(token.namespaces ?? []), ...(token.images ?? [])].join(',') || 'everything',
    day(token.expiresAt) ?? 'never',
    minute(token.lastUsedAt) ?? 'never',
  ]);
  stdout.write(`${table(['NAME', 'STATE', 'TOKEN', 'SCOPES', 'FOR', 'EXPIRES', 'LAST USED'], rows)}\n`);
}

function toJson(token: ListedToken) {
  return {
    name: token.name,
    state: token.state,
    prefix: token.prefix,
    scopes: token.scopes,
    repositories: token.repositories,
    namespaces: token.namespaces,
    images: token.images,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
    revoked_at: token.revokedAt,
  };
}

function day(at: Date | null): string | undefined {
  return at?.toISOString().slice(0, 10);
}

/** It is recorded once a minute at most, so more would pretend. */
function minute(at: Date | null): string | undefined {
  return at?.toISOString().slice(0, 16).replace('T', ' ');
}
