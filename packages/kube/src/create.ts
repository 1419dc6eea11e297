import { describeRef, fieldManager, type KubeObject } from '@ephemera/model';
import type { Connection } from './connection.ts';
import { AlreadyExists, Terminating } from './errors.ts';
import { get, refOf } from './get.ts';
import { collectionPath } from './kinds.ts';
import { assertOwned, marked, type Owner } from './ownership.ts';
import { call } from './request.ts';

export interface Created<Kind extends KubeObject> {
  readonly object: Kind;
  /**
   * False: it was there. Also after an answer that was lost with its connection and repeated: who has to know compares what it wrote, such
   * as an annotation of its own.
   */
  readonly created: boolean;
}

/**
 * Makes an object only where none has its name, which server-side apply cannot be asked for: of two who create the same name at once one
 * makes it, and the other one is given it. Throws `kube.foreign` when the one that is there is somebody else's, `kube.terminating` when it
 * is being removed.
 */
export async function create<Kind extends KubeObject>(
  connection: Connection,
  owner: Owner,
  object: Kind,
  signal?: AbortSignal,
): Promise<Created<Kind>> {
  const ref = refOf(object);
  const body = marked(object, owner);
  for (;;) {
    try {
      const made = await call<Kind>(connection, {
        method: 'POST',
        path: collectionPath(ref, ref.namespace),
        query: { fieldManager },
        body,
        what: `Creating ${describeRef(ref)}`,
        signal,
      });
      return { object: made, created: true };
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
      const present = await get<Kind>(connection, ref, { signal });
      // Gone since: its name is free again.
      if (!present) continue;
      assertOwned(present, owner);
      if (present.metadata.deletionTimestamp !== undefined) throw new Terminating({ what: describeRef(ref) });
      return { object: present, created: false };
    }
  }
}
