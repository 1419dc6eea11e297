import { sql } from 'kysely';
import type { Database, Executor } from '../../store/database.ts';
import type { SandboxRow } from '../../store/schema.ts';

/** One Idempotency-Key of one account. */
export interface RequestKey {
  readonly keyHash: Buffer;
  readonly requestHash: Buffer;
}

export interface NewSandbox {
  readonly id: string;
  readonly account: string;
  readonly madeBy: string;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly image: string;
  readonly expiresMs: number;
  /** After so long without a word its maker is held to be dead. */
  readonly settleMs: number;
  readonly key: RequestKey | undefined;
  readonly most: { readonly ofAccount: number; readonly inAll: number };
}

export type Claimed =
  | { readonly is: 'new' }
  /** The same request came before. `answer` is null while it is being made; `isOver`: what it made has ended since. */
  | { readonly is: 'repeated'; readonly id: string; readonly answer: unknown; readonly isOver: boolean }
  | { readonly is: 'key_reused' }
  | { readonly is: 'name_taken'; readonly id: string }
  | { readonly is: 'too_many'; readonly whose: 'account' | 'all' };

/** For how long a key stands for its request. */
const keepHours = 24;
/** Of this database alone; whoever makes sandboxes waits a moment for the others, and nobody counts what another one is adding. */
const lockKey = 5_381_004;
const isLiving = sql<boolean>`ended_at is null and expires_at > now()`;

/** Writes down a sandbox that is about to be made, or says why it may not be. To be called before anything of it is made. */
export async function claimSandbox(db: Database, wanted: NewSandbox): Promise<Claimed> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx);
    const { account, name, key, most } = wanted;
    const before = key && (await requestOf(tx, account, key));
    if (before) return before;
    const named = name === undefined ? undefined : await livingNamed(tx, account, name);
    if (named) return { is: 'name_taken', id: named };
    const counts = await tx
      .selectFrom('sandboxes')
      .select([
        sql<number>`count(*)::int`.as('inAll'),
        sql<number>`count(*) filter (where account = ${account})::int`.as('ofAccount'),
      ])
      .where(isLiving)
      .executeTakeFirstOrThrow();
    if (counts.ofAccount >= most.ofAccount) return { is: 'too_many', whose: 'account' };
    if (counts.inAll >= most.inAll) return { is: 'too_many', whose: 'all' };
    await insert(tx, wanted);
    return { is: 'new' };
  });
}

/** Undefined: the key is free. */
async function requestOf(
  tx: Executor,
  account: string,
  { keyHash, requestHash }: RequestKey,
): Promise<Claimed | undefined> {
  const { rows } = await sql<{
    requestHash: Buffer;
    sandboxId: string;
    answer: unknown;
    isAtWork: boolean;
    isOver: boolean;
  }>`
    select request_hash, sandbox_id, answer,
      exists (select from sandboxes where id = sandbox_id and ended_at is null and settles_at > now()) as is_at_work,
      not exists (select from sandboxes where id = sandbox_id and ${isLiving}) as is_over
    from sandbox_requests
    where account = ${account} and key_hash = ${keyHash}
      and requested_at > now() - ${keepHours} * interval '1 hour'`.execute(tx);
  const [row] = rows;
  // One that was broken off has come to nothing, and its key is free.
  if (!row || (row.answer === null && !row.isAtWork)) return undefined;
  if (!row.requestHash.equals(requestHash)) return { is: 'key_reused' };
  return { is: 'repeated', id: row.sandboxId, answer: row.answer, isOver: row.isOver };
}

async function livingNamed(tx: Executor, account: string, name: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('sandboxes')
    .select('id')
    .where('account', '=', account)
    .where('name', '=', name)
    .where(isLiving)
    .executeTakeFirst();
  return row?.id;
}

async function insert(tx: Executor, wanted: NewSandbox): Promise<void> {
  const { id, account, madeBy, namespace, name, image, expiresMs, settleMs, key } = wanted;
  await tx
    .insertInto('sandboxes')
    .values({
      id,
      account,
      madeBy,
      namespace,
      name: name ?? null,
      image,
      settlesAt: fromNow(settleMs),
      expiresAt: fromNow(expiresMs),
    })
    .execute();
  if (!key) return;
  const request = { requestHash: key.requestHash, sandboxId: id, answer: null, requestedAt: sql<Date>`now()` };
  await tx
    .insertInto('sandboxRequests')
    .values({ account, keyHash: key.keyHash, ...request })
    .onConflict((conflict) => conflict.columns(['account', 'keyHash']).doUpdateSet(request))
    .execute();
}

const fromNow = (ms: number) => sql<Date>`now() + ${ms} * interval '1 ms'`;

/** Its maker is at work. */
export async function stillMaking(db: Executor, id: string, settleMs: number): Promise<void> {
  await db
    .updateTable('sandboxes')
    .set({ settlesAt: fromNow(settleMs) })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .execute();
}

/** It is made. False: the row is gone, or was given up meanwhile. */
export async function sandboxReady(
  db: Database,
  { id, expiresAt, answer }: { readonly id: string; readonly expiresAt: string; readonly answer: object },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('sandboxes')
      .set({ readyAt: sql<Date>`now()`, expiresAt })
      .where('id', '=', id)
      .where('endedAt', 'is', null)
      .executeTakeFirst();
    // What came to nothing leaves its key free.
    if (numUpdatedRows === 0n) return false;
    await tx
      .updateTable('sandboxRequests')
      .set({ answer: JSON.stringify(answer) })
      .where('sandboxId', '=', id)
      .execute();
    return true;
  });
}

/** It came to nothing, or has ended: it counts no more, and the sweep sees to what may be left of it. */
export async function sandboxEnded(db: Executor, ids: readonly string[]): Promise<void> {
  await db
    .updateTable('sandboxes')
    .set({ endedAt: sql<Date>`coalesce(ended_at, now())`, settlesAt: sql<Date>`least(settles_at, now())` })
    .where('id', '=', sql<string>`any(${ids})`)
    .execute();
}

/** Nothing of it is left. */
export async function forgetSandbox(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('sandboxes').where('id', '=', id).execute();
}

/** `from`: only where it is still this; a look at the cluster may be older than what somebody has moved meanwhile. */
export async function moveExpiry(
  db: Executor,
  { id, expiresAt, from }: { readonly id: string; readonly expiresAt: string; readonly from?: Date },
): Promise<void> {
  await db
    .updateTable('sandboxes')
    .set({ expiresAt })
    .where('id', '=', id)
    // A Date has milliseconds, and the column microseconds.
    .$if(from !== undefined, (rows) => rows.where(sql`date_trunc('milliseconds', expires_at)`, '=', from ?? null))
    .execute();
}

export async function sandboxOf(db: Executor, account: string, id: string): Promise<SandboxRow | undefined> {
  return db.selectFrom('sandboxes').selectAll().where('id', '=', id).where('account', '=', account).executeTakeFirst();
}

export interface SandboxesQuery {
  /** Undefined: of all. */
  readonly account?: string | undefined;
  readonly name?: string | undefined;
  /** Only those that count. */
  readonly living?: boolean;
}

/** Newest first. */
export async function sandboxRows(
  db: Executor,
  { account, name, living = false }: SandboxesQuery,
): Promise<readonly SandboxRow[]> {
  return db
    .selectFrom('sandboxes')
    .selectAll()
    .$if(account !== undefined, (rows) => rows.where('account', '=', account ?? ''))
    .$if(name !== undefined, (rows) => rows.where('name', '=', name ?? ''))
    .$if(living, (rows) => rows.where(isLiving))
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .execute();
}
