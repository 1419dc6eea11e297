import type { Cluster } from '@ephemera/kube';
import { prJobNames } from '../objects/names.ts';
import type { BuildxServiceAccount, RoleProfile } from '../pull-request-pod.ts';
import { admit } from './admit.ts';
import { applyAccount } from './apply-account.ts';
import { readNamespace } from './namespace.ts';
import { ownByJobs } from './owners.ts';
import { settled } from './settle.ts';
import type { PrJobTarget } from './target.ts';

export interface AccountOrder extends PrJobTarget {
  readonly profile: RoleProfile;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the account of a name without a Job: ServiceAccount, Role, RoleBinding. Again is fine, and changes what differs. With Jobs of this
 * name it belongs to these, without any it stays until it is cleaned up.
 *
 * Throws `pr_job.namespace_missing`, `pr_job.foreign_secrets`, `pr_job.unguarded`, `kube.foreign`, `kube.terminating` and what else the
 * cluster refuses with.
 */
export async function ensureAccount(cluster: Cluster, order: AccountOrder): Promise<BuildxServiceAccount> {
  const { name, namespace, profile, signal } = order;
  await readNamespace(cluster, namespace, signal);
  await admit(cluster, order, profile, signal);
  const made = await settled(cluster, { namespace, signal }, async () => {
    const objects = await applyAccount(cluster, order, profile, signal);
    await ownByJobs(cluster, order, signal);
    return objects;
  });
  const { serviceAccount, role, roleBinding } = prJobNames(name);
  return {
    serviceAccountName: serviceAccount,
    roleName: role,
    roleBindingName: roleBinding,
    namespace,
    created: made.length > 0,
  };
}
