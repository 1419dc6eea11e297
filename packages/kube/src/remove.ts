import { refText, type KubeObject, type ObjectRef } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { Conflict, NotFound } from './errors.ts';
import { get } from './get.ts';
import { objectPath } from './kinds.ts';
import { assertOwned, type Owner } from './ownership.ts';
import { call } from './request.ts';

export interface RemoveOptions {
  /** The UID recorded at creation. An object of the same name with another UID is a different one and is left alone. */
  readonly uid?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `gone`: nothing of it is left. `removing`: the cluster has accepted the deletion and is at it; `waitingFor` says on what. */
export type Removal =
  | { readonly state: 'gone' }
  | { readonly state: 'removing'; readonly since: string; readonly waitingFor: string | undefined };

const gone: Removal = { state: 'gone' };

/**
 * Asks the cluster to delete an object of ours and tells how far it is. Call it again until it says `gone`:
 * "accepted" is not "gone", and finalizers are waited for, never stripped.
 */
export async function remove(
  connection: Connection,
  owner: Owner,
  ref: ObjectRef,
  options: RemoveOptions = {},
): Promise<Removal> {
  const current = await get<Removable>(connection, ref, options.signal);
  if (!current || (options.uid !== undefined && current.metadata.uid !== options.uid)) return gone;
  assertOwned(current, owner);
  if (current.metadata.deletionTimestamp !== undefined) return removing(current, current.metadata.deletionTimestamp);
  try {
    await call(connection, {
      method: 'DELETE',
      path: objectPath(ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: current.metadata.uid },
        propagationPolicy: 'Background',
      },
      what: `Deleting ${refText(ref)}`,
      signal: options.signal,
    });
  } catch (error) {
    if (error instanceof NotFound) return gone;
    // The UID no longer fits: ours is gone and somebody made a new one meanwhile.
    if (error instanceof Conflict) return gone;
    throw error;
  }
  return removing(current, undefined);
}

interface Removable extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

function removing(object: Removable, deletionTimestamp: string | undefined): Removal {
  // A namespace says in its conditions what holds it up: content that remains, finalizers, an API that does not answer.
  const blocking = (object.status?.conditions ?? [])
    .filter(({ status }) => status === 'True')
    .map(({ message }) => message ?? '');
  return {
    state: 'removing',
    since: deletionTimestamp ?? new Date().toISOString(),
    waitingFor: blocking.length === 0 ? undefined : blocking.join('; '),
  };
}
