import { describeRef, type KubeObject, type ObjectRef } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { NotFound } from './errors.ts';
import { get } from './get.ts';
import { objectPath } from './kinds.ts';
import { assertOwned, type Owner } from './ownership.ts';
import { call } from './request.ts';

export interface PatchChange {
  /** The UID that the object has to have: one of the same name that came later is left alone. Default: that which it has now. */
  readonly uid?: string | undefined;
  /**
   * The object as it was just read, or as a write has answered it, which saves reading it again. With its `resourceVersion` in `merge` a
   * change in between makes a conflict. Default: it is read.
   */
  readonly read?: KubeObject | undefined;
  /** Fields as in a JSON merge patch: what is not named stays, null removes. */
  readonly merge: Readonly<Record<string, unknown>>;
}

/**
 * Changes some fields of an object of ours, for what server-side apply is not made for: one field of an object whose whole is not at
 * hand. Doing it twice changes nothing more. Throws `kube.not_found` when the object is gone or another one has its name.
 */
export async function patch<Kind extends KubeObject>(
  connection: Connection,
  owner: Owner,
  ref: ObjectRef,
  { uid, read, merge, signal }: PatchChange & { readonly signal?: AbortSignal | undefined },
): Promise<Kind> {
  const current = read ?? (await get<Kind>(connection, ref, { signal }));
  if (!current || (uid !== undefined && current.metadata.uid !== uid)) throw new NotFound({ what: describeRef(ref) });
  assertOwned(current, owner);
  const metadata = typeof merge['metadata'] === 'object' ? merge['metadata'] : {};
  return call<Kind>(connection, {
    method: 'PATCH',
    path: objectPath(ref),
    contentType: 'application/merge-patch+json',
    body: { ...merge, metadata: { ...metadata, uid: current.metadata.uid } },
    what: `Changing ${describeRef(ref)}`,
    signal,
  });
}
