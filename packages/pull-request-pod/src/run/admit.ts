import type { Cluster } from '@ephemera/kube';
import { PrJobUnguarded } from '../objects/errors.ts';
import type { RoleProfile } from '../pull-request-pod.ts';
import type { Guard } from './guard.ts';
import { enforcedLevel, isUnguardedAllowed, type NamespaceLabels } from './namespace-labels.ts';
import { foreignSecrets } from './secrets.ts';
import type { PrJobTarget } from './target.ts';

export interface AccountPlan {
  readonly target: PrJobTarget;
  readonly profile: RoleProfile;
  readonly guard: Guard;
  /** Of the namespace. Undefined: they cannot be read. */
  readonly labels: NamespaceLabels | undefined;
  readonly allowUnguarded: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Refuses an account that nothing would limit (`pr_job.unguarded`): beside Secrets of others, which a Deployment can mount, and where it
 * could become root of a node by a privileged one, unless somebody who answers for the namespace, or for this call, has said that it may.
 * With the profile `seed` it is known by then that no Secret of others is there.
 */
export async function refuseUnguarded(cluster: Cluster, plan: AccountPlan): Promise<void> {
  const { target, profile, guard, labels, allowUnguarded, signal } = plan;
  if (guard.isInPlace) return;
  const { namespace } = target;
  const { because } = guard;
  if (profile === 'minimal' && (await foreignSecrets(cluster, target, { signal })).length > 0)
    throw new PrJobUnguarded({ namespace, because, reaches: 'secrets' });
  const isHarmless = enforcedLevel(labels) !== undefined;
  if (isHarmless || allowUnguarded || isUnguardedAllowed(labels)) return;
  throw new PrJobUnguarded({ namespace, because, reaches: 'nodes' });
}
