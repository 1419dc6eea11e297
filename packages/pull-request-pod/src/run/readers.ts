import type { Cluster } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import { PrJobReadable } from '../objects/errors.ts';
import { prJobNames } from '../objects/names.ts';
import type { PrJobTarget } from './target.ts';

interface Role extends KubeObject {
  readonly rules?: readonly { readonly apiGroups?: readonly string[]; readonly resources?: readonly string[] }[] | null;
}

const pullRequestRoles = 'app=catalyst-buildx,created-by=catalyst-web-app';

/**
 * A Secret with a repository's token must not be made where the account of another pull-request job reads Secrets.
 * Throws `pr_job.readable`.
 */
export async function refuseReaders(
  cluster: Cluster,
  { name, namespace }: PrJobTarget,
  signal?: AbortSignal,
): Promise<void> {
  const { items } = await cluster.list<Role>('rbac.authorization.k8s.io/v1/Role', {
    namespace,
    labelSelector: pullRequestRoles,
    signal,
  });
  const own = prJobNames(name).role;
  const reader = items.find((role) => role.metadata.name !== own && readsSecrets(role));
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
