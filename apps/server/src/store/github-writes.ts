import { sql } from 'kysely';
import type { Database } from './database.ts';

/** How many content-creating calls one installation may make. */
export interface WriteLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

/** A write that may go out, or how long there is none. */
export type TakenWrite =
  | { readonly kind: 'taken' }
  | { readonly kind: 'spent'; readonly per: 'minute' | 'hour'; readonly retryAfterMs: number };

/**
 * Takes one write from what the last minute and the last hour have left; all servers of one database count together. How is in the
 * database, in `take_github_write`. `now` is the database's clock unless given.
 */
export async function takeWrite(
  db: Database,
  installationId: number,
  { perMinute, perHour }: WriteLimits,
  now?: Date,
): Promise<TakenWrite> {
  const { rows } = await sql<{ spent: 'minute' | 'hour' | null; waitMs: number | null }>`
    select spent, wait_ms from take_github_write(${installationId}, ${perMinute}, ${perHour}, ${now ?? null})`.execute(
    db,
  );
  const [taken] = rows;
  if (!taken?.spent) return { kind: 'taken' };
  return { kind: 'spent', per: taken.spent, retryAfterMs: Math.ceil(taken.waitMs ?? 0) };
}
