import { sql } from 'kysely';
import type { Executor } from './database.ts';

export interface Pause {
  /** How long it still lasts. */
  readonly leftMs: number;
  readonly because: string | null;
}

/** Whether an installation is to be left alone now. `known`: it has a row. `now` is the database's clock unless given. */
export async function pauseOf(
  db: Executor,
  installationId: number,
  now?: Date,
): Promise<{ readonly known: boolean; readonly pause: Pause | undefined }> {
  const at = now === undefined ? sql`clock_timestamp()` : sql`${now}::timestamptz`;
  const { rows } = await sql<{ leftMs: number | null; because: string | null }>`
    select (extract(epoch from paused_until - ${at}) * 1000)::float8 as left_ms, paused_because as because
    from installations where id = ${installationId}`.execute(db);
  const [row] = rows;
  const leftMs = Math.ceil(row?.leftMs ?? 0);
  return { known: row !== undefined, pause: leftMs > 0 ? { leftMs, because: row?.because ?? null } : undefined };
}

/** Leaves an installation alone for so long. A pause that ends later anyway stays, with its reason. */
export async function pause(
  db: Executor,
  installationId: number,
  { forMs, because, now }: { readonly forMs: number; readonly because: string; readonly now?: Date | undefined },
): Promise<void> {
  const at = now === undefined ? sql`clock_timestamp()` : sql`${now}::timestamptz`;
  await sql`
    insert into installations (id, paused_until, paused_because)
    values (${installationId}, ${at} + ${forMs} * interval '1 ms', ${because})
    on conflict (id) do update set
      paused_because = case when installations.paused_until >= excluded.paused_until
        then installations.paused_because else excluded.paused_because end,
      paused_until = greatest(installations.paused_until, excluded.paused_until),
      updated_at = now()`.execute(db);
}
