import { sql, type RawBuilder } from 'kysely';
import type { Executor } from './database.ts';
import type { WorkHint, WorkKind, WorkRow } from './schema.ts';

const allKinds: readonly WorkKind[] = ['pull-request', 'environment', 'report', 'repository', 'installation', 'sweep'];

/** The NOTIFY channel on which every enqueue is announced at commit. */
export const workChannel = 'ephemera_work';

export interface Enqueue {
  readonly kind: WorkKind;
  readonly key: string;
  readonly hint?: WorkHint;
  /** Who is served in turn: the repository. */
  readonly fairKey?: string;
  /** And the account behind the event, so that nobody gets ahead by opening pull requests in many repositories. */
  readonly fairAuthor?: string | undefined;
}

/**
 * Makes the work due now, once, however often it is asked for. What was parked gets its new try. A wait that somebody asked for
 * (`notBefore`) stands: an event is no reason to ask GitHub sooner than it allows.
 *
 * The row stays locked until the transaction ends. **Lock order**, in every transaction: first rows of `work`, in the order `sweep`,
 * `installation`, `repository`, `pull-request` (by key), `environment` (by number), `report` (by the number of its environment); then rows
 * of `environments` and what hangs on them; then `repositories` and `installations`. A handler's write begins with the row of its own work. Two that lock the
 * other way round wait for each other until the database ends one of them. Only a new environment's row comes before its work, which
 * nobody else can name yet.
 */
export async function enqueue(db: Executor, work: Enqueue): Promise<void> {
  await sql`with ${armed(work)} select 1 from told`.execute(db);
}

/** The parts of a `with` that do this in a statement together with something else; `told` has to be read from. */
export function armed({ kind, key, hint, fairKey = '', fairAuthor = '' }: Enqueue): RawBuilder<unknown> {
  return sql`
    armed as (
      insert into work (kind, key, hint, fair_key, fair_author)
      values (${kind}, ${key}, ${hint === undefined ? null : JSON.stringify(hint)}, ${fairKey}, ${fairAuthor})
      on conflict (kind, key) do update set
        wanted = work.wanted + 1,
        -- What waits already keeps its place, however many events follow.
        due_at = case when work.parked_at is null then least(work.due_at, now()) else now() end,
        attempts = 0,
        waiting_since = case when work.parked_at is null then work.waiting_since else now() end,
        parked_at = null,
        hint = coalesce(excluded.hint, work.hint),
        fair_author = coalesce(nullif(excluded.fair_author, ''), work.fair_author)
      returning kind
    ), told as (select pg_notify(${workChannel}, kind) from armed)`;
}

/** Looked at beyond what is asked for, as others may hold some of it at this very moment; what they leave over is found by the next look. */
const spareCandidates = 32;

/** Wakes every server, this one included, when a lease was given back rather than something new asked for. */
export async function announceWork(db: Executor): Promise<void> {
  await sql`select pg_notify(${workChannel}, '')`.execute(db);
}

const reportsLaterMs = 2_000;

export interface LeaseRequest {
  readonly owner: string;
  readonly leaseMs: number;
  /** Default: all. */
  readonly kinds?: readonly WorkKind[];
  /** How many rows at most. Default 1. */
  readonly most?: number;
}

/**
 * Leases what is due, skipping what others hold. Repositories and authors take turns: a row's turn is how much of the same repository,
 * or of the same author, runs already or is due before it; among equals the most overdue comes first. So who asks for three hundred
 * things waits for them, and who asks for one does not. Telling GitHub counts as due a little later than it is: nobody waits for it
 * while environments still have to be made, and what is told later is told at once with what followed.
 */
export async function lease(
  db: Executor,
  { owner, leaseMs, kinds = allKinds, most = 1 }: LeaseRequest,
): Promise<WorkRow[]> {
  const isDue = sql`parked_at is null and due_at <= now() and coalesce(not_before, due_at) <= now()
    and (lease_until is null or lease_until < now()) and kind = any(${kinds})`;
  const { rows } = await sql<WorkRow>`
    with running as materialized (
      select fair_key, fair_author from work where lease_owner is not null and lease_until >= now()
    ), of_repository as (
      select fair_key, count(*) as running from running where fair_key <> '' group by fair_key
    ), of_author as (
      select fair_author, count(*) as running from running where fair_author <> '' group by fair_author
    ), due as materialized (
      select kind, key, fair_key, fair_author,
        due_at + case when kind = 'report' then ${reportsLaterMs} else 0 end * interval '1 ms' as since
      from work where ${isDue}
    ), turns as (
      select kind, key, since, greatest(
        case when fair_key <> '' then row_number() over (partition by fair_key order by since) + coalesce(of_repository.running, 0) end,
        case when fair_author <> '' then row_number() over (partition by fair_author order by since) + coalesce(of_author.running, 0) end,
        1) as turn
      from due left join of_repository using (fair_key) left join of_author using (fair_author)
    ), next as materialized (
      select kind, key, turn, since from turns order by turn, since limit ${most + spareCandidates}
    ), chosen as (
      select work.kind, work.key from next join work using (kind, key)
      where ${isDue}
      order by next.turn, next.since limit ${most} for update of work skip locked
    )
    update work set lease_owner = ${owner}, lease_until = now() + ${leaseMs} * interval '1 ms', epoch = nextval('work_epoch')
    from chosen where work.kind = chosen.kind and work.key = chosen.key
    returning work.*`.execute(db);
  return rows;
}

/** Milliseconds until some row may be leased; undefined when there is none that time alone makes due. */
export async function nextDueMs(db: Executor, kinds: readonly WorkKind[] = allKinds): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(greatest(due_at, lease_until, not_before)) - now()) * 1000)::float8 as ms
    from work where parked_at is null and kind = any(${kinds})`.execute(db);
  return rows[0]?.ms ?? undefined;
}

/** Which lease a write belongs to. */
export interface LeaseRef {
  readonly kind: WorkKind;
  readonly key: string;
  readonly epoch: number;
}

/** True while the lease is the newest one of its row and was not given back; locks the row, so that it stays so until the transaction ends. */
export async function holdsLease(tx: Executor, { kind, key, epoch }: LeaseRef): Promise<boolean> {
  const { rows } =
    await sql`select 1 from work where kind = ${kind} and key = ${key} and epoch = ${epoch} and lease_owner is not null for update`.execute(
      tx,
    );
  return rows.length === 1;
}

/** A heartbeat may still be on its way when the work is given back: it must not hold what nobody works on. */
export async function extendLease(db: Executor, { kind, key, epoch }: LeaseRef, leaseMs: number): Promise<boolean> {
  const { rows } = await sql`
    update work set lease_until = now() + ${leaseMs} * interval '1 ms'
    where kind = ${kind} and key = ${key} and epoch = ${epoch} and lease_owner is not null returning 1`.execute(db);
  return rows.length === 1;
}

/** Ends the work. A row that was enqueued again since it was leased stays and is due at once. */
export async function finish(db: Executor, { kind, key, epoch }: LeaseRef, wantedAtLease: number): Promise<void> {
  await sql`
    with ended as (
      delete from work where kind = ${kind} and key = ${key} and epoch = ${epoch} and wanted = ${wantedAtLease} returning 1
    )
    update work set
      lease_owner = null,
      lease_until = null,
      due_at = now(),
      waiting_since = now(),
      not_before = null,
      attempts = 0,
      last_error = null
    where kind = ${kind} and key = ${key} and epoch = ${epoch} and not exists (select 1 from ended)`.execute(db);
}

export interface Later {
  readonly afterMs: number;
  /** Set when the run failed. */
  readonly error?: string;
  /** Set when the other side asked for the wait: no event shortens it, and it is no failed attempt. */
  readonly asked?: boolean;
}

/** Gives the row back to be run later; at once if it was enqueued again meanwhile, unless the wait was asked for. */
export async function postpone(
  db: Executor,
  { kind, key, epoch }: LeaseRef,
  wantedAtLease: number,
  { afterMs, error, asked = false }: Later,
): Promise<void> {
  const later = sql`now() + ${afterMs} * interval '1 ms'`;
  await sql`
    update work set
      lease_owner = null,
      lease_until = null,
      due_at = case when wanted = ${wantedAtLease} then ${later} else now() end,
      not_before = ${asked ? later : sql`null`},
      attempts = ${error === undefined ? sql`0` : asked ? sql`attempts` : sql`attempts + 1`},
      last_error = ${error ?? null}
    where kind = ${kind} and key = ${key} and epoch = ${epoch}`.execute(db);
}

/** Gives back what was leased and never begun, as it was. */
export async function release(db: Executor, { kind, key, epoch }: LeaseRef): Promise<void> {
  await sql`
    update work set lease_owner = null, lease_until = null
    where kind = ${kind} and key = ${key} and epoch = ${epoch}`.execute(db);
}

/** Keeps what failed for good until the next event; one that came while it ran is such an event. */
export async function park(
  db: Executor,
  { kind, key, epoch }: LeaseRef,
  wantedAtLease: number,
  error: string,
): Promise<void> {
  await sql`
    update work set
      lease_owner = null,
      lease_until = null,
      due_at = now(),
      not_before = null,
      parked_at = case when wanted = ${wantedAtLease} then now() end,
      attempts = attempts + 1,
      last_error = ${error}
    where kind = ${kind} and key = ${key} and epoch = ${epoch}`.execute(db);
}

/** Makes due again what was parked that long ago: an event that would do so may never come. */
export async function retryParked(db: Executor, kind: WorkKind, minutes: number): Promise<void> {
  await sql`
    update work set parked_at = null, due_at = now(), waiting_since = now()
    where kind = ${kind} and parked_at < now() - ${minutes} * interval '1 minute'`.execute(db);
}
