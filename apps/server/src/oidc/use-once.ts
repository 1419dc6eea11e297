import { sql } from 'kysely';
import type { Executor } from '../store/database.ts';
import type { Caller } from '../tokens/caller.ts';
import { OidcReplayed } from './errors.ts';

/** Servers of one database may differ in their clocks by as much as a token's times may. */
const marginMs = 2 * 60_000;

/**
 * Called before anything is changed for a caller: a token of GitHub Actions makes one change, so that whoever gets hold of one that was
 * sent cannot make another. `purpose` is a hash of what is changed; the same one again is the same use, as after a lost answer, so that it has
 * to lead to the same result however often it is asked. `over`: this use has come to its end, and may change nothing any more. Of two at once
 * one wins. Throws `oidc.replayed`. For callers whose credential may be used again it does nothing.
 *
 * A request that was refused is a use as well: were it forgotten, one that came at the same time and is still at work would leave its token
 * free for another change.
 *
 * A use is remembered until no server takes the token any more. The time is kept by the database's clock, as what is over is removed by it.
 */
export async function useOnce(
  db: Executor,
  { once }: Pick<Caller, 'once'>,
  purpose: Buffer,
): Promise<'may go on' | 'over'> {
  if (!once) return 'may go on';
  const { issuer, jti, expiresAt } = once;
  const keepMs = Math.max(0, expiresAt.getTime() - Date.now()) + marginMs;
  const { rows } = await sql<{ purpose: Buffer; isOver: boolean }>`
    insert into oidc_uses (issuer, jti, purpose, expires_at)
    values (${issuer}, ${jti}, ${purpose}, now() + ${keepMs} * interval '1 ms')
    on conflict (issuer, jti) do update set purpose = oidc_uses.purpose
    returning purpose, is_over`.execute(db);
  // Without a row of its own there would be no row at all: the statement gives back the one that was there.
  const [use] = rows;
  if (!use?.purpose.equals(purpose)) throw new OidcReplayed({});
  return use.isOver ? 'over' : 'may go on';
}

/** What the token was used for is done: the same request again, by whoever has seen it, is answered and changes nothing. */
export async function endUse(db: Executor, { once }: Pick<Caller, 'once'>, purpose: Buffer): Promise<void> {
  if (!once) return;
  await db
    .updateTable('oidcUses')
    .set({ isOver: true })
    .where('issuer', '=', once.issuer)
    .where('jti', '=', once.jti)
    .where('purpose', '=', purpose)
    .execute();
}
