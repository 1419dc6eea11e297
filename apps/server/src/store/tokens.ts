import { sql, type Insertable } from 'kysely';
import type { Executor } from './database.ts';
import type { ApiToken, Tables } from './schema.ts';

/** A token without its hash, which nobody but the search for it needs. */
export type StoredToken = Omit<ApiToken, 'hash'>;

const shown = [
  'id',
  'name',
  'prefix',
  'scopes',
  'repositories',
  'namespaces',
  'images',
  'createdAt',
  'expiresAt',
  'lastUsedAt',
  'revokedAt',
] as const;

/** Fails with the database's own unique violation when a token of this name is not revoked. */
export async function insertToken(db: Executor, row: Insertable<Tables['apiTokens']>): Promise<StoredToken> {
  return db.insertInto('apiTokens').values(row).returning(shown).executeTakeFirstOrThrow();
}

/** Newest first, revoked and expired ones too. */
export async function allTokens(db: Executor): Promise<StoredToken[]> {
  return db.selectFrom('apiTokens').select(shown).orderBy('id', 'desc').execute();
}

/** Whether anybody can use the API now. */
export async function hasUsableToken(db: Executor): Promise<boolean> {
  const found = await db
    .selectFrom('apiTokens')
    .select('id')
    .where('revokedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql<Date>`now()`)]))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** The clock is the database's, which all servers on it share. */
export async function tokenByHash(
  db: Executor,
  hash: Buffer,
): Promise<(StoredToken & { expired: boolean; usedLately: boolean }) | undefined> {
  return db
    .selectFrom('apiTokens')
    .select(shown)
    .select([
      sql<boolean>`expires_at is not null and expires_at <= now()`.as('expired'),
      sql<boolean>`last_used_at is not null and last_used_at > now() - interval '1 minute'`.as('usedLately'),
    ])
    .where('hash', '=', hash)
    .executeTakeFirst();
}

export async function markTokenUsed(db: Executor, id: number): Promise<void> {
  await db
    .updateTable('apiTokens')
    .set({ lastUsedAt: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

/** False when no token of this name is left to revoke. */
export async function revokeTokenNamed(db: Executor, name: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('apiTokens')
    .set({ revokedAt: sql<Date>`now()` })
    .where('name', '=', name)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The ids of all that were revoked. */
export async function revokedTokens(db: Executor): Promise<readonly number[]> {
  const rows = await db.selectFrom('apiTokens').select('id').where('revokedAt', 'is not', null).execute();
  return rows.map(({ id }) => id);
}
