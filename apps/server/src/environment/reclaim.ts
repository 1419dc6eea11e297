import { isOwned, isUnmarked, refOf, type Cluster } from '@ephemera/kube';
import type { Environment } from '../store/schema.ts';
import type { Claim } from '../work/claim.ts';
import { requiredObjects } from './drift.ts';
import type { Limits } from './objects.ts';

/**
 * For an environment that failed because something in its place belongs to somebody else: is that over? True when nothing of what it needs
 * is somebody else's any more. It only reads, so nobody is told of a try that would be refused again.
 */
export async function mayReclaim(
  { cluster, limits }: { readonly cluster: Cluster; readonly limits: Limits },
  claim: Claim,
  environment: Environment,
): Promise<boolean> {
  for (const required of requiredObjects(environment, limits)) {
    claim.assertHeld();
    const found = await cluster.get(refOf(required), claim.signal);
    if (!found || isOwned(found, cluster.owner)) continue;
    // Inside a namespace of ours, what nobody has marked is taken over. A namespace has to prove whose it is.
    if (required.kind === 'Namespace' || !isUnmarked(found, cluster.owner)) return false;
  }
  return true;
}
