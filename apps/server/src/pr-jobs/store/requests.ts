import { sql } from 'kysely';
import type { Executor } from '../../store/database.ts';
import type { NamePlace } from './names.ts';

/** One Idempotency-Key of one caller. */
export interface RequestKey {
  /** `Caller.account`. */
  readonly caller: string;
  readonly keyHash: Buffer;
}

export interface NewRequest extends RequestKey, NamePlace {
  readonly requestHash: Buffer;
  /** For the Job, if this is the first request with that key. */
  readonly jobName: string;
}

export interface StoredRequest {
  readonly requestHash: Buffer;
  readonly jobName: string;
  /** Null: it is not known that the Job was made. */
  readonly answer: unknown;
}

/** For how long a key stands for its request. */
const keepHours = 24;
/** In place of the hash of a request that was refused: the next one with that key may be another. */
const free = Buffer.alloc(0);
const uniqueViolation = '23505';

/**
 * The row of a key, made if there is none, if it is over 24 hours old, or if its request was refused. Two who come at once get the same
 * row. `taken`: another key has that Job's name in that namespace; come again with another one.
 */
export async function reserve(db: Executor, request: NewRequest): Promise<StoredRequest | 'taken'> {
  for (;;) {
    try {
      const stored = (await insert(db, request)) ?? (await requestOf(db, request));
      // Neither: it was there, and has been removed between the two.
      if (stored) return stored;
    } catch (error) {
      if ((error as { code?: unknown }).code === uniqueViolation) return 'taken';
      throw error;
    }
  }
}

async function insert(db: Executor, request: NewRequest): Promise<StoredRequest | undefined> {
  const { caller, keyHash, requestHash, cluster, namespace, name, jobName } = request;
  const isOld = sql`pr_job_requests.requested_at <= now() - ${keepHours} * interval '1 hour'`;
  // A refused one keeps its name where it can: should a Job have been made all the same, it is found again.
  const { rows } = await sql<StoredRequest>`
    insert into pr_job_requests (caller, key_hash, request_hash, cluster, namespace, name, job_name)
    values (${caller}, ${keyHash}, ${requestHash}, ${cluster}, ${namespace}, ${name}, ${jobName})
    on conflict (caller, key_hash) do update set
      request_hash = excluded.request_hash,
      cluster = excluded.cluster,
      namespace = excluded.namespace,
      name = excluded.name,
      job_name = case
        when not ${isOld} and (pr_job_requests.cluster, pr_job_requests.namespace, pr_job_requests.name)
          = (excluded.cluster, excluded.namespace, excluded.name)
        then pr_job_requests.job_name else excluded.job_name end,
      answer = null,
      requested_at = now()
    where ${isOld} or pr_job_requests.request_hash = ${free}
    returning request_hash, job_name, answer`.execute(db);
  return rows[0];
}

async function requestOf(db: Executor, { caller, keyHash }: RequestKey): Promise<StoredRequest | undefined> {
  return db
    .selectFrom('prJobRequests')
    .select(['requestHash', 'jobName', 'answer'])
    .where('caller', '=', caller)
    .where('keyHash', '=', keyHash)
    .executeTakeFirst();
}

interface RenamedJob {
  readonly jobName: string;
}

/**
 * Takes another name for a Job that was not made yet. Returns the name that it has then, which is another one when somebody with the same
 * key was faster. `taken`: come again with another one.
 */
export async function renameJob(
  db: Executor,
  { caller, keyHash }: RequestKey,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<RenamedJob | 'taken'> {
  try {
    await db
      .updateTable('prJobRequests')
      .set({ jobName: to })
      .where('caller', '=', caller)
      .where('keyHash', '=', keyHash)
      .where('jobName', '=', from)
      .where('answer', 'is', null)
      .execute();
  } catch (error) {
    if ((error as { code?: unknown }).code === uniqueViolation) return 'taken';
    throw error;
  }
  return { jobName: (await requestOf(db, { caller, keyHash }))?.jobName ?? to };
}

/** Keeps what a repeated request is answered with. */
export async function keepAnswer(
  db: Executor,
  { caller, keyHash, requestHash, jobName }: RequestKey & { readonly requestHash: Buffer; readonly jobName: string },
  answer: object,
): Promise<void> {
  await db
    .updateTable('prJobRequests')
    .set({ answer: JSON.stringify(answer), requestHash })
    .where('caller', '=', caller)
    .where('keyHash', '=', keyHash)
    .where('jobName', '=', jobName)
    .where('requestHash', 'in', [requestHash, free])
    .execute();
}

/** The request was refused for certain, and no Job was made: the key is free for another one. */
export async function freeKey(
  db: Executor,
  { caller, keyHash, requestHash }: RequestKey & { readonly requestHash: Buffer },
): Promise<void> {
  await db
    .updateTable('prJobRequests')
    .set({ requestHash: free })
    .where('caller', '=', caller)
    .where('keyHash', '=', keyHash)
    .where('requestHash', '=', requestHash)
    .where('answer', 'is', null)
    .execute();
}
