import { sql } from 'kysely';
import type { Executor } from '../store/database.ts';
import type { Caller } from '../tokens/caller.ts';
import { OidcReplayed } from './errors.ts';

/** Servers of one database may differ in their clocks by as much as a token's times may. */
const marginMs = 2 * 60_000;

/**
 * Called before anything is changed for a caller: a token of GitHub Actions makes one change, so that whoever gets hold of one that was
 * sent cannot make another. `purpose` is a hash of what is changed; the same one again is the same use, as after a lost answer, so that it has
 * to lead to the same result however often it is asked. Of two at once one wins. Throws `oidc.replayed`. For callers whose credential may be
 * used again it does nothing.
 *
 * A use is remembered until no server takes the token any more. The time is kept by the database's clock, as what is over is removed by it.
 */
export async function useOnce(db: Executor, { once }: Pick<Caller, 'once'>, purpose: Buffer): Promise<void> {
  if (!once) return;
  const { issuer, jti, expiresAt } = once;
  const keepMs = Math.max(0, expiresAt.getTime() - Date.now()) + marginMs;
  const { rows } = await sql<{ purpose: Buffer }>`
    insert into oidc_uses (issuer, jti, purpose, expires_at)
    values (${issuer}, ${jti}, ${purpose}, now() + ${keepMs} * interval '1 ms')
    on conflict (issuer, jti) do update set purpose = oidc_uses.purpose
    returning purpose`.execute(db);
  // Without a row of its own there would be no row at all: the statement gives back the one that was there.
  if (!rows[0]?.purpose.equals(purpose)) throw new OidcReplayed({});
}
