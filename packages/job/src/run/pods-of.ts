import type { Cluster } from '@ephemera/kube';
import type { Pod } from '@ephemera/model';
import type { JobStatus } from './status-of.ts';

/** Selects the pods of one Job by its UID, never by its name: pods of an earlier Job of that name may still be ending. */
export function podSelector({ uid }: Pick<JobStatus, 'uid'>): string {
  return `batch.kubernetes.io/controller-uid=${uid}`;
}

export async function listPods(
  cluster: Cluster,
  { namespace, uid }: Pick<JobStatus, 'namespace' | 'uid'>,
  signal?: AbortSignal,
): Promise<readonly Pod[]> {
  const { items } = await cluster.list<Pod>('v1/Pod', { namespace, labelSelector: podSelector({ uid }), signal });
  return items;
}
