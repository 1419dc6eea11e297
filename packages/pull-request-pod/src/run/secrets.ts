import { isOwned, type Cluster } from '@ephemera/kube';
import { jobOwner } from '../objects/labels.ts';
import type { KubeObject } from '@ephemera/model';
import { prJobNames } from '../objects/names.ts';
import type { PrJobTarget } from './target.ts';

const ownToken = 'type=kubernetes.io/service-account-token';
const accountAnnotation = 'kubernetes.io/service-account.name';

/** The Secrets of the namespace that are not of this name's jobs. Their names only: what they hold never leaves the cluster. */
export async function foreignSecrets(
  cluster: Cluster,
  target: PrJobTarget,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const owner = jobOwner(target);
  const [{ items }, tokens] = await Promise.all([
    cluster.list('v1/Secret', { namespace: target.namespace, metadataOnly: true, signal }),
    accountTokens(cluster, target, signal),
  ]);
  const own = new Set(tokens.map(({ metadata }) => metadata.uid));
  return items
    .filter((secret) => !isOwned(secret, owner) && !own.has(secret.metadata.uid))
    .map(({ metadata }) => metadata.name);
}

/** Tokens of the name's own account, `metadata` only. That the cluster made them is told by their type, which nobody can change. */
export async function accountTokens(
  cluster: Cluster,
  { name, namespace }: PrJobTarget,
  signal?: AbortSignal,
): Promise<readonly KubeObject[]> {
  const { items } = await cluster.list('v1/Secret', { namespace, metadataOnly: true, fieldSelector: ownToken, signal });
  const { serviceAccount } = prJobNames(name);
  return items.filter(({ metadata }) => metadata.annotations?.[accountAnnotation] === serviceAccount);
}
