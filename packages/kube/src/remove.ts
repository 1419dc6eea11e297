import { describeRef, type EphemeraError, type KubeObject, type ObjectRef } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { Conflict, NotFound } from './errors.ts';
import { get } from './get.ts';
import { objectPath } from './kinds.ts';
import { assertOwned, isUnmarked, type Owner } from './ownership.ts';
import { call } from './request.ts';

export interface RemoveOptions {
  /** The UID recorded at creation. An object of the same name with another UID is a different one and is left alone. */
  readonly uid?: string | undefined;
  /**
   * The version that was looked at when its removal was decided: `kube.conflict` when somebody has written since. For what others begin to
   * need by writing into it. Default: any.
   */
  readonly resourceVersion?: string | undefined;
  /** `Foreground`: it stays until what it owns is gone. Default `Background`. */
  readonly propagation?: 'Background' | 'Foreground';
  /**
   * `unmarked`: also an object that nobody has marked, such as what another program has made on our behalf and named after us. With a UID
   * only. Default `never`.
   */
  readonly adopt?: 'never' | 'unmarked';
  readonly signal?: AbortSignal | undefined;
}

/** `gone`: nothing of it is left. `removing`: the cluster has accepted the deletion and is at it; `waitingFor` says on what. */
export type Removal =
  | { readonly state: 'gone' }
  | { readonly state: 'removing'; readonly since: string; readonly waitingFor: string | undefined };

const gone: Removal = { state: 'gone' };

/**
 * Asks the cluster to delete an object of ours and tells how far it is. Call it again until it says `gone`:
 * "accepted" is not "gone", and finalizers are waited for, never stripped. Throws `kube.conflict` for another version than was looked at.
 */
export async function remove(
  connection: Connection,
  owner: Owner,
  ref: ObjectRef,
  options: RemoveOptions = {},
): Promise<Removal> {
  const current = await get<Removable>(connection, ref, { signal: options.signal, urgency: 'urgent' });
  if (!current || (options.uid !== undefined && current.metadata.uid !== options.uid)) return gone;
  const adoptable = options.adopt === 'unmarked' && options.uid !== undefined && isUnmarked(current, owner);
  if (!adoptable) assertOwned(current, owner);
  if (current.metadata.deletionTimestamp !== undefined) return removing(current, current.metadata.deletionTimestamp);
  try {
    await call(connection, {
      method: 'DELETE',
      path: objectPath(ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        // Not the version that was just read: what counts is the one that the decision was made by.
        preconditions: {
          uid: current.metadata.uid,
          ...(options.resourceVersion !== undefined && { resourceVersion: options.resourceVersion }),
        },
        propagationPolicy: options.propagation ?? 'Background',
      },
      what: `Deleting ${describeRef(ref)}`,
      signal: options.signal,
      urgency: 'urgent',
    });
  } catch (error) {
    if (error instanceof NotFound) return gone;
    if (error instanceof Conflict)
      return afterConflict(connection, { ...options, ref, uid: current.metadata.uid, error });
    throw error;
  }
  return removing(current, undefined);
}

/**
 * A conflict has several causes. The UID no longer fits: ours is gone and somebody made a new one meanwhile. Or ours is still there, and
 * the cluster says so in its way: older ones do for a namespace that is being removed already, perhaps by our own request whose answer
 * was lost. Only reading again tells which.
 */
async function afterConflict(
  connection: Connection,
  { ref, uid, error, signal }: RemoveOptions & { readonly ref: ObjectRef; readonly error: EphemeraError },
): Promise<Removal> {
  const present = await get<Removable>(connection, ref, { signal, urgency: 'urgent' });
  if (!present || present.metadata.uid !== uid) return gone;
  if (present.metadata.deletionTimestamp === undefined) throw error;
  return removing(present, present.metadata.deletionTimestamp);
}

interface Removable extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

function removing(object: Removable, deletionTimestamp: string | undefined): Removal {
  return {
    state: 'removing',
    since: deletionTimestamp ?? new Date().toISOString(),
    waitingFor: removalWaitsFor(object),
  };
}

/**
 * What holds up the removal of an object, in the cluster's words; undefined when it says nothing. A namespace says it in its conditions:
 * content that remains, finalizers, an API that does not answer. Pure.
 */
export function removalWaitsFor(object: KubeObject): string | undefined {
  const { status }: Removable = object;
  const blocking = (status?.conditions ?? [])
    .filter(({ type, status: holds }) => type.startsWith('Namespace') && holds === 'True')
    .map(({ type, message }) => message ?? type);
  return blocking.length === 0 ? undefined : blocking.join('; ');
}
