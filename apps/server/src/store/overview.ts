import { sql } from 'kysely';
import type { Executor } from './database.ts';

/** How things stand, in few figures. Times are seconds. */
export interface Overview {
  readonly environments: readonly { readonly status: string; readonly count: number }[];
  /** Work that is due or runs, with how long the most overdue of it has been due. */
  readonly queued: number;
  readonly oldestDueSeconds: number;
  readonly parked: readonly { readonly kind: string; readonly count: number; readonly seconds: number }[];
  /** The last pass that ended; null where there was none. */
  readonly sweep: {
    readonly seconds: number;
    readonly complete: boolean;
    readonly capped: boolean;
    readonly findings: number;
  } | null;
  /** Installations that GitHub asked us to leave alone for a while. */
  readonly paused: number;
}

/** One statement: what a person sees on one page is of one moment. */
export async function readOverview(db: Executor): Promise<Overview> {
  const { rows } = await sql<{ overview: Overview }>`
    with queue as (
      select greatest(due_at, not_before) as due from work
      where parked_at is null and due_at <= now() and coalesce(not_before, due_at) <= now()
    )
    select json_build_object(
      'environments', (select coalesce(json_agg(rows), '[]') from (
        select status, count(*) as count from environments group by status order by status) rows),
      'queued', (select count(*) from queue),
      'oldestDueSeconds', (select coalesce(extract(epoch from now() - min(due)), 0)::float8 from queue),
      'parked', (select coalesce(json_agg(rows), '[]') from (
        select kind, count(*) as count, extract(epoch from now() - min(parked_at))::float8 as seconds
        from work where parked_at is not null group by kind order by kind) rows),
      'sweep', (select json_build_object(
          'seconds', extract(epoch from now() - finished_at)::float8,
          'complete', coalesce(complete, false),
          'capped', capped,
          'findings', jsonb_array_length(findings))
        from sweeps where finished_at is not null and not dry_run order by finished_at desc limit 1),
      'paused', (select count(*) from installations where paused_until > now())
    ) as overview`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('the database gave no figures');
  return row.overview;
}
