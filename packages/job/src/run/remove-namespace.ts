import { isOwned, kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { refText, type KubeObject, type ObjectRef } from '@ephemera/model';
import { DeleteDeadline } from './errors.ts';
import { isDerived, isSomebodys, whyKept } from './namespace-contents.ts';
import type { Contents, Removed } from './remove-contents.ts';

/** Whether it is gone; otherwise why it stays, as the end of a sentence. */
export type NamespaceRemoval = 'none of ours' | 'gone' | { readonly because: string };

/**
 * Removes the namespace if the job made it and nothing else is in it, of whatever kind. It is looked at once, right before; a cluster has
 * no way to delete a namespace only if it is empty, so what is made in the same moment goes with it.
 */
export async function removeNamespace(contents: Contents, removed: Removed): Promise<NamespaceRemoval> {
  const { cluster, namespace: name, signal } = contents;
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name };
  const namespace = await readIfAllowed(cluster, ref, signal);
  if (namespace === 'unreadable')
    return { because: 'this account may not read it, so whether the job made it cannot be known' };
  if (!namespace || !isOwned(namespace, cluster.owner)) return 'none of ours';
  if (namespace.metadata.deletionTimestamp === undefined) {
    const because = laterInWords(removed) ?? whyKept(await somebodys(contents, removed));
    if (because !== undefined) return { because };
  }
  return untilGone(contents, ref, namespace);
}

async function untilGone(contents: Contents, ref: ObjectRef, { metadata }: KubeObject): Promise<NamespaceRemoval> {
  const { cluster, pauses, job, timeoutMs, signal } = contents;
  for (;;) {
    const removal = await cluster.remove(ref, { uid: metadata.uid, signal });
    if (removal.state === 'gone') return 'gone';
    const waiting = `Namespace ${ref.name} still there${removal.waitingFor === undefined ? '' : `: ${removal.waitingFor}`}.`;
    if (!(await pauses.next(waiting))) throw new DeleteDeadline({ job, timeoutMs, left: [refText(ref)], waiting });
  }
}

function laterInWords({ later }: Removed): string | undefined {
  const [object] = later;
  return object && `a later run of the job is in it: ${refText(refOf(object))}`;
}

function somebodys({ cluster, namespace, signal }: Contents, { uids }: Removed) {
  return cluster.everythingIn({ namespace, skips: isDerived, counts: (object) => isSomebodys(object, uids), signal });
}

async function readIfAllowed(cluster: Cluster, ref: ObjectRef, signal: AbortSignal | undefined) {
  try {
    return await cluster.get(ref, signal);
  } catch (error) {
    if (error instanceof kubeErrors.Forbidden) return 'unreadable';
    throw error;
  }
}
