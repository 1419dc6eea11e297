import { sql } from 'kysely';
import type { Executor } from './database.ts';
import type { WorkHint, WorkKind, WorkRow } from './schema.ts';

const allKinds: readonly WorkKind[] = ['pull-request', 'environment', 'report', 'repository', 'installation', 'sweep'];

/** The NOTIFY channel on which every enqueue is announced at commit. */
export const workChannel = 'ephemera_work';

export interface Enqueue {
  readonly kind: WorkKind;
  readonly key: string;
  readonly hint?: WorkHint;
  /** Who is served in turn, for example a repository. */
  readonly fairKey?: string;
}

/** Makes the work due now, once, however often it is asked for. */
export async function enqueue(db: Executor, { kind, key, hint, fairKey = '' }: Enqueue): Promise<void> {
  await sql`
    insert into work (kind, key, hint, fair_key)
    values (${kind}, ${key}, ${hint === undefined ? null : JSON.stringify(hint)}, ${fairKey})
    on conflict (kind, key) do update set
      wanted = work.wanted + 1,
      due_at = now(),
      attempts = 0,
      hint = coalesce(excluded.hint, work.hint)`.execute(db);
  await sql`select pg_notify(${workChannel}, ${kind})`.execute(db);
}

/** Leases the most overdue row, skipping those that others hold. Undefined when nothing is due. */
export async function lease(
  db: Executor,
  owner: string,
  leaseMs: number,
  kinds: readonly WorkKind[] = allKinds,
): Promise<WorkRow | undefined> {
  const { rows } = await sql<WorkRow>`
    update work set lease_owner = ${owner}, lease_until = now() + ${leaseMs} * interval '1 ms', epoch = nextval('work_epoch')
    where (kind, key) = (
      select kind, key from work
      where due_at <= now() and (lease_until is null or lease_until < now()) and kind = any(${kinds})
      order by due_at for update skip locked limit 1)
    returning *`.execute(db);
  return rows[0];
}

/** Milliseconds until some row may be leased; undefined when there is none at all. */
export async function nextDueMs(db: Executor, kinds: readonly WorkKind[] = allKinds): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(greatest(due_at, coalesce(lease_until, due_at))) - now()) * 1000)::float8 as ms from work where kind = any(${kinds})`.execute(
    db,
  );
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
export async function finish(db: Executor, lease: LeaseRef, wantedAtLease: number): Promise<void> {
  const { kind, key, epoch } = lease;
  await db.transaction().execute(async (tx) => {
    await sql`delete from work where kind = ${kind} and key = ${key} and epoch = ${epoch} and wanted = ${wantedAtLease}`.execute(
      tx,
    );
    await sql`
      update work set lease_owner = null, lease_until = null, due_at = now(), attempts = 0, last_error = null
      where kind = ${kind} and key = ${key} and epoch = ${epoch}`.execute(tx);
  });
}

export interface Later {
  readonly afterMs: number;
  /** Set when the run failed: counts an attempt. */
  readonly error?: string;
}

/** Gives the row back to be run later; at once if it was enqueued again meanwhile. */
export async function postpone(
  db: Executor,
  { kind, key, epoch }: LeaseRef,
  wantedAtLease: number,
  { afterMs, error }: Later,
): Promise<void> {
  await sql`
    update work set
      lease_owner = null,
      lease_until = null,
      due_at = case when wanted = ${wantedAtLease} then now() + ${afterMs} * interval '1 ms' else now() end,
      attempts = ${error === undefined ? sql`0` : sql`attempts + 1`},
      last_error = ${error ?? null}
    where kind = ${kind} and key = ${key} and epoch = ${epoch}`.execute(db);
}
