import { sql, type RawBuilder } from 'kysely';
import type { Database, Executor } from './database.ts';

/** How many content-creating calls one installation may make. */
export interface WriteLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

/** A write that may go out, or how long there is none. */
export type TakenWrite =
  | { readonly kind: 'taken' }
  | { readonly kind: 'spent'; readonly per: 'minute' | 'hour'; readonly retryAfterMs: number };

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** Keeps our locks apart from those of others in the same database. */
const lockSpace = 'ephemera github writes';

/**
 * Takes one write from what the last minute and the last hour have left. Windows slide, and all servers of one database count
 * together: one at a time per installation, by a lock that ends with the transaction. `now` is the database's clock unless given.
 */
export async function takeWrite(
  db: Database,
  installationId: number,
  limits: WriteLimits,
  now?: Date,
): Promise<TakenWrite> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${lockSpace} ${installationId}`}, 0))`.execute(tx);
    const at = now === undefined ? sql`clock_timestamp()` : sql`${now}::timestamptz`;
    await sql`delete from github_writes where installation_id = ${installationId} and at <= ${at} - interval '1 hour'`.execute(
      tx,
    );
    const spent =
      (await spentFor(tx, installationId, { at, per: 'hour', most: limits.perHour, windowMs: hourMs })) ??
      (await spentFor(tx, installationId, { at, per: 'minute', most: limits.perMinute, windowMs: minuteMs }));
    if (spent) return spent;
    await sql`insert into github_writes (installation_id, at) values (${installationId}, ${at})`.execute(tx);
    return { kind: 'taken' };
  });
}

interface Window {
  readonly at: RawBuilder<unknown>;
  readonly per: 'minute' | 'hour';
  readonly most: number;
  readonly windowMs: number;
}

/** A window is full while the write that fills it, counted from the newest, is inside. It opens when that one leaves. */
async function spentFor(
  tx: Executor,
  installationId: number,
  { at, per, most, windowMs }: Window,
): Promise<TakenWrite | undefined> {
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from at - ${at}) * 1000)::float8 + ${windowMs} as ms
    from github_writes where installation_id = ${installationId}
    order by at desc offset ${most - 1} limit 1`.execute(tx);
  const leftMs = rows[0]?.ms ?? 0;
  return leftMs > 0 ? { kind: 'spent', per, retryAfterMs: Math.ceil(leftMs) } : undefined;
}
