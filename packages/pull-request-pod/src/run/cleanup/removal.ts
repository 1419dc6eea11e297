import type { Cluster } from '@ephemera/kube';
import { refOf } from '@ephemera/kube';
import { EphemeraError, refText, type ObjectMeta } from '@ephemera/model';
import { isOfWholeCluster } from './look.ts';
import type { Part } from './part.ts';
import { removePart } from './remove-part.ts';

export interface Left {
  readonly object: string;
  readonly because: string;
}

/** What one cleanup has tried so far. */
export interface Removal {
  /** Removes what is not being removed yet. What is refused for good is not tried again. */
  remove(parts: readonly Part[], signal?: AbortSignal): Promise<void>;
  isRefused(part: Part): boolean;
  /** Why a part is still there. */
  left(part: Part): Left;
}

/** Each is a read and a deletion. */
const atOnce = 10;

export function startRemoval(cluster: Cluster): Removal {
  const refused = new Set<string | undefined>();
  const troubles = new Map<string | undefined, string>();
  const removeOne = async (part: Part, signal?: AbortSignal): Promise<void> => {
    const { uid } = part.object.metadata;
    try {
      await removePart(cluster, part, signal);
      troubles.delete(uid);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof EphemeraError) || isOfWholeCluster(error)) throw error;
      troubles.set(uid, error.message);
      if (!error.retryable) refused.add(uid);
    }
  };
  return {
    remove: async (parts, signal) => {
      const some = parts.filter(({ object }) => object.metadata.deletionTimestamp === undefined);
      for (let at = 0; at < some.length; at += atOnce)
        await Promise.all(some.slice(at, at + atOnce).map((part) => removeOne(part, signal)));
    },
    isRefused: ({ object }) => refused.has(object.metadata.uid),
    left: (part) => ({ object: textOf(part), because: troubles.get(part.object.metadata.uid) ?? waitsFor(part) }),
  };
}

export function textOf({ object }: Part): string {
  return refText(refOf(object));
}

function waitsFor({ object }: Part): string {
  const { finalizers = [], deletionTimestamp }: ObjectMeta & { readonly finalizers?: readonly string[] } =
    object.metadata;
  if (deletionTimestamp === undefined) return 'its turn has not come';
  return finalizers.length === 0
    ? `it has until ${deletionTimestamp} to end`
    : `it is being removed, and held by ${finalizers.join(' and ')}`;
}
