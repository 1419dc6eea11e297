import type { Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { PrJobReadable } from '../objects/errors.ts';
import type { PrJobTarget } from './target.ts';

interface Role extends KubeObject {
  readonly rules?: readonly { readonly apiGroups?: readonly string[]; readonly resources?: readonly string[] }[] | null;
}

const pullRequestRoles = 'app=catalyst-buildx,created-by=catalyst-web-app';

/**
 * A Secret with a repository's token must not be made where the account of a pull-request job reads Secrets: neither that of another
 * name, nor the own one, where somebody has asked for the profile `seed` under this name meanwhile. Throws `pr_job.readable`.
 */
export async function refuseReaders(
  cluster: Cluster,
  { namespace }: Pick<PrJobTarget, 'namespace'>,
  signal?: AbortSignal,
): Promise<void> {
  const { items } = await cluster.list<Role>('rbac.authorization.k8s.io/v1/Role', {
    namespace,
    labelSelector: pullRequestRoles,
    signal,
  });
  const reader = items.find(readsSecrets);
  if (reader) throw new PrJobReadable({ namespace, role: reader.metadata.name });
}

/** Whether a Role gives any right on Secrets. Pure. */
export function readsSecrets({ rules }: Role): boolean {
  return (rules ?? []).some(
    ({ apiGroups = [], resources = [] }) =>
      ['', '*'].some((group) => apiGroups.includes(group)) &&
      ['secrets', '*'].some((resource) => resources.includes(resource)),
  );
}
