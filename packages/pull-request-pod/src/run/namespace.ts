import { kubeErrors, type Cluster } from '@ephemera/kube';
import { describeRef, type KubeObject, type ObjectRef } from '@ephemera/model';
import { PrJobNamespaceMissing } from '../objects/errors.ts';

/**
 * The namespace that a job is to run in. Undefined: this account may not read it, as is usual for those who work inside of one.
 * Throws `pr_job.namespace_missing` and `kube.terminating`.
 */
export async function readNamespace(
  cluster: Cluster,
  namespace: string,
  signal?: AbortSignal,
): Promise<KubeObject | undefined> {
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  const found = await cluster.get(ref, signal).catch((error: unknown) => {
    if (error instanceof kubeErrors.Forbidden) return 'unreadable' as const;
    throw error;
  });
  if (found === 'unreadable') return undefined;
  if (!found) throw new PrJobNamespaceMissing({ namespace });
  if (found.metadata.deletionTimestamp !== undefined) throw new kubeErrors.Terminating({ what: describeRef(ref) });
  return found;
}
