import type { Cluster } from '@ephemera/kube';
import { prJobNames } from '../objects/names.ts';
import type { BuildxServiceAccount, RoleProfile } from '../pull-request-pod.ts';
import type { FoundAccount } from './account-refs.ts';
import { refuseUnguarded } from './admit.ts';
import { applyAccount } from './apply-account.ts';
import { lookFirst } from './first-look.ts';
import { ownByJobs } from './owners.ts';
import { settled } from './settle.ts';
import type { PrJobTarget } from './target.ts';

export interface AccountOrder extends PrJobTarget {
  readonly profile: RoleProfile;
  /** As of `createPrJob`. Default false. */
  readonly allowUnguarded?: boolean | undefined;
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
  const { name, namespace, profile, allowUnguarded = false, signal } = order;
  const { labels, guard, account, admitProfile } = await lookFirst(cluster, order, { profile, signal });
  admitProfile();
  await refuseUnguarded(cluster, { target: order, profile, guard, labels, allowUnguarded, signal });
  let read: FoundAccount | undefined = account;
  const { isNew } = await settled(cluster, { namespace, signal }, async () => {
    const once = read;
    read = undefined;
    const applied = await applyAccount(cluster, order, { profile, read: once, signal });
    await ownByJobs(cluster, order, { read: applied.objects, signal });
    return applied;
  });
  const { serviceAccount, role, roleBinding } = prJobNames(name);
  return {
    serviceAccountName: serviceAccount,
    roleName: role,
    roleBindingName: roleBinding,
    namespace,
    created: isNew,
  };
}
