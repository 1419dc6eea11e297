import { sql } from 'kysely';
import type { Executor } from '../store/database.ts';

/** What the database says about all servers together, at one moment. Times are seconds. */
export interface Snapshot {
  readonly work: readonly { readonly kind: string; readonly state: WorkState; readonly count: number }[];
  readonly due: readonly { readonly kind: string; readonly age: number }[];
  readonly retries: readonly { readonly kind: string; readonly count: number; readonly most: number }[];
  readonly environments: readonly { readonly status: string; readonly count: number }[];
  /** Removals that take longer than they may before they are shown as failed. */
  readonly overdue: number;
  /** Null: there has been no complete pass yet. */
  readonly sweepAge: number | null;
  /** Of the last pass that ended and was no dry run. */
  readonly findings: readonly { readonly kind: string; readonly count: number }[];
  readonly capped: number;
  readonly missed: number;
  readonly installations: readonly { readonly state: string; readonly count: number }[];
  readonly paused: number;
  readonly writes: readonly { readonly installation: number; readonly minute: number; readonly hour: number }[];
}

export const workStates = ['due', 'waiting', 'leased', 'parked'] as const;
export type WorkState = (typeof workStates)[number];

/** What a finding of a sweep is called when the cluster holds a namespace with our mark that no living row explains. */
export const orphanNamespace = 'orphan_namespace';

const isDue = sql`parked_at is null and due_at <= now() and coalesce(not_before, due_at) <= now() and (lease_until is null or lease_until < now())`;

/** One statement, so that the figures are of one moment and a scrape costs one connection for a short while. */
export async function readSnapshot(db: Executor, overdueAfterMs: number): Promise<Snapshot> {
  const { rows } = await sql<{ snapshot: Snapshot }>`
    with passes as (
      select * from sweeps where not dry_run and finished_at > now() - interval '1 day'
    ), last_pass as (
      select findings from sweeps where not dry_run and state = 'done' order by finished_at desc limit 1
    )
    select json_build_object(
      'work', (select coalesce(json_agg(rows), '[]') from (
        select kind, case
            when parked_at is not null then 'parked'
            when lease_until >= now() then 'leased'
            when ${isDue} then 'due'
            else 'waiting' end as state, count(*) as count
        from work group by 1, 2) rows),
      'due', (select coalesce(json_agg(rows), '[]') from (
        select kind, extract(epoch from max(now() - greatest(due_at, not_before)))::float8 as age
        from work where ${isDue} group by 1) rows),
      'retries', (select coalesce(json_agg(rows), '[]') from (
        select kind, count(*) as count, max(attempts) as most from work where attempts > 0 group by 1) rows),
      'environments', (select coalesce(json_agg(rows), '[]') from (
        select status, count(*) as count from environments group by 1) rows),
      'overdue', (select count(*) from environments
        where destroyed_at is null and destroying_since < now() - ${overdueAfterMs} * interval '1 ms'),
      'sweepAge', (select extract(epoch from now() - max(finished_at))::float8 from sweeps
        where not dry_run and complete and state = 'done'),
      'findings', (select coalesce(json_agg(rows), '[]') from (
        select finding ->> 'kind' as kind, count(*) as count
        from last_pass, jsonb_array_elements(findings) as finding group by 1) rows),
      'capped', (select count(*) from passes where capped),
      'missed', (select count(*) from passes, jsonb_array_elements(findings) as finding
        where finding ->> 'kind' like 'missed%'),
      'installations', (select coalesce(json_agg(rows), '[]') from (
        select state, count(*) as count from installations group by 1) rows),
      'paused', (select count(*) from installations where paused_until > now()),
      'writes', (select coalesce(json_agg(rows), '[]') from (
        select installation_id as installation,
          count(*) filter (where at > now() - interval '1 minute') as minute, count(*) as hour
        from github_writes where at > now() - interval '1 hour' group by 1) rows)
    ) as snapshot`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('the database gave no figures');
  return row.snapshot;
}
