import { setTimeout as wait } from 'node:timers/promises';
import { fieldManager, describeRef, type KubeObject, type ObjectRef } from '@ephemera/model';
import { retryDelayMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { AlreadyExists, Conflict, Terminating } from './errors.ts';
import { get, refOf, urgencyOf } from './get.ts';
import { objectPath } from './kinds.ts';
import { assertOwned, isUnmarked, marked, type Owner } from './ownership.ts';
import { call } from './request.ts';

export interface ApplyOptions {
  /**
   * `unmarked`: also take over an object that nobody has marked. Right only inside a namespace of ours, where the cluster itself
   * puts objects such as the `default` service account. Default: `never`.
   */
  readonly adopt?: 'never' | 'unmarked';
  /**
   * The object as it was just read, which saves reading it again. Should another one have its name meanwhile, the cluster says so, and it
   * is read after all. That nothing was there is believed for a dry run only: without a UID to compare, a forced apply would take over
   * what somebody has made since. Default: it is read.
   */
  readonly read?: KubeObject | 'nothing' | undefined;
  /** Only asks the cluster whether it would take it, and what would come of it. Default false. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How often a conflict is answered by reading and applying again, before it is the caller's. */
const conflictsTaken = 3;

/**
 * Makes the object as given, by server-side apply with the owner's mark; running it again changes nothing.
 * An object of somebody else is refused (`kube.foreign`), one that is being removed is waited for (`kube.terminating`).
 *
 * The read before the apply is what tells a foreign object apart: a forced apply alone would take it over silently.
 */
export async function apply<Kind extends KubeObject>(
  connection: Connection,
  owner: Owner,
  object: Kind,
  options: ApplyOptions = {},
): Promise<Kind> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      return await applyOnce(connection, owner, object, conflicts === 0 ? options : { ...options, read: undefined });
    } catch (error) {
      if (!isConflict(error) || conflicts === conflictsTaken) throw error;
      // Somebody wrote in between. Reading again is all that it takes, and less than the caller's whole way once more.
      const delayMs = retryDelayMs(conflicts + 1, undefined, Math.random());
      await wait(delayMs, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
    }
  }
}

/** Two that apply what was not there yet meet as "already exists". */
function isConflict(error: unknown): boolean {
  return error instanceof Conflict || error instanceof AlreadyExists;
}

async function applyOnce<Kind extends KubeObject>(
  connection: Connection,
  owner: Owner,
  object: Kind,
  options: ApplyOptions,
): Promise<Kind> {
  const ref = refOf(object);
  const current = await present(connection, ref, options);
  if (current) {
    const adoptable = options.adopt === 'unmarked' && isUnmarked(current, owner);
    if (!adoptable) assertOwned(current, owner);
    if (current.metadata.deletionTimestamp !== undefined) throw new Terminating({ what: describeRef(ref) });
  }
  const wanted = marked(object, owner);
  const applied = await call<Kind>(connection, {
    method: 'PATCH',
    path: objectPath(ref),
    query: { fieldManager, force: true, ...(options.dryRun === true && { dryRun: 'All' }) },
    contentType: 'application/apply-patch+yaml',
    // With the UID that was read, an object that was replaced in between makes a conflict instead of a mix of both.
    body:
      current?.metadata.uid === undefined
        ? wanted
        : { ...wanted, metadata: { ...wanted.metadata, uid: current.metadata.uid } },
    what: `Applying ${describeRef(ref)}`,
    signal: options.signal,
    urgency: urgencyOf(ref),
  });
  // Its removal began in between: what was written goes with it.
  if (applied.metadata.deletionTimestamp !== undefined) throw new Terminating({ what: describeRef(ref) });
  return applied;
}

async function present(
  connection: Connection,
  ref: ObjectRef,
  { read, dryRun, signal }: ApplyOptions,
): Promise<KubeObject | undefined> {
  if (read === 'nothing' && dryRun === true) return undefined;
  // Without a UID it could not be told from a later one of its name.
  if (typeof read === 'object' && read.metadata.uid !== undefined) return read;
  return get(connection, ref, { signal });
}
