import type { Cluster } from '@ephemera/kube';
import { PrJobForeignSecrets, PrJobUnguarded } from '../objects/errors.ts';
import type { RoleProfile } from '../pull-request-pod.ts';
import { secretsNamed } from './apply-account.ts';
import { ensureGuard } from './guard.ts';
import { foreignSecrets } from './secrets.ts';
import type { PrJobTarget } from './target.ts';

/**
 * Whether an account with these rights may be made here at all. Returns what the caller should know.
 * Throws `pr_job.foreign_secrets`, `pr_job.unguarded`.
 */
export async function admit(
  cluster: Cluster,
  target: PrJobTarget,
  profile: RoleProfile,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { namespace } = target;
  if (profile === 'seed') {
    const secrets = await foreignSecrets(cluster, target, signal);
    if (secrets.length > 0) throw new PrJobForeignSecrets({ namespace, secrets: secrets.slice(0, secretsNamed) });
  }
  const guard = await ensureGuard(cluster, signal);
  if (guard.isInPlace) return [];
  const { because } = guard;
  // With the profile `seed` it is known by now that there are none.
  if (profile === 'minimal' && (await foreignSecrets(cluster, target, signal)).length > 0)
    throw new PrJobUnguarded({ namespace, because });
  return [`Nothing limits what the job's account may create in namespace ${namespace}: ${because}`];
}
