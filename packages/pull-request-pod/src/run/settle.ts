import { startPauses } from '@ephemera/job';
import { kubeErrors, type Cluster } from '@ephemera/kube';
import { readNamespace } from './namespace.ts';

/** How long a create waits for what has its names and is being removed. */
const settleMs = 30_000;

/**
 * Does something again that has met what is just being removed: by a cleanup, or by the cluster after the end of the last Job. A
 * namespace that is missing or being removed is said at once.
 */
export async function settled<Value>(
  cluster: Cluster,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal | undefined },
  work: () => Promise<Value>,
): Promise<Value> {
  const pauses = startPauses({ timeoutMs: settleMs, signal });
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof kubeErrors.Terminating) && !(error instanceof kubeErrors.NotFound)) throw error;
      await readNamespace(cluster, namespace, signal);
      if (!(await pauses.next(error.message))) throw error;
    }
  }
}
