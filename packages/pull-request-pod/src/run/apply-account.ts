import { isOwned, kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, type KubeObject } from '@ephemera/model';
import { roleBindingObject, roleObject, serviceAccountObject, type RoleObject } from '../objects/account.ts';
import { PrJobForeignSecrets, PrJobNamespaceMissing } from '../objects/errors.ts';
import { accountOwner } from '../objects/labels.ts';
import type { RoleProfile } from '../pull-request-pod.ts';
import { accountRefs } from './account-refs.ts';
import { foreignSecrets } from './secrets.ts';
import type { PrJobTarget } from './target.ts';

/** Objects of an account that were not there before. */
export type MadeObjects = readonly KubeObject[];

/**
 * Makes ServiceAccount, Role and RoleBinding as they should be. Nothing is written where one of them is somebody else's (`kube.foreign`) or
 * being removed (`kube.terminating`). Their owners are left as they are: see `ownByJobs`.
 *
 * With the profile `seed` the Secrets are looked at once more when the Role is there and not yet bound: a Secret that comes later is one
 * whose maker can see the Role. Of the two that come at once, at least one is refused.
 */
export async function applyAccount(
  cluster: Cluster,
  target: PrJobTarget,
  profile: RoleProfile,
  signal?: AbortSignal,
): Promise<MadeObjects> {
  const owned = cluster.as(accountOwner(target));
  const before = await lookAt(owned, target, signal);
  const made: KubeObject[] = [];
  const apply = async (object: KubeObject, at: number): Promise<void> => {
    const applied = await owned.apply(object, { signal }).catch((error: unknown) => {
      // An object that is applied needs nothing else to be there.
      if (error instanceof kubeErrors.NotFound) throw new PrJobNamespaceMissing({ namespace: target.namespace });
      throw error;
    });
    if (!before[at]) made.push(applied);
  };
  await apply(serviceAccountObject(target), 0);
  await apply(roleObject(target, profile), 1);
  if (profile === 'seed') {
    const secrets = await foreignSecrets(cluster, target, signal);
    if (secrets.length > 0) {
      const former = before[1] as RoleObject | undefined;
      if (former) await owned.apply({ ...roleObject(target, profile), rules: former.rules }, { signal });
      await removeMade(owned, made);
      throw new PrJobForeignSecrets({ namespace: target.namespace, secrets: secrets.slice(0, secretsNamed) });
    }
  }
  await apply(roleBindingObject(target), 2);
  return made;
}

/** How many Secrets an error names. */
export const secretsNamed = 5;

/** Removes what was made and is refused, the last first. `cluster`: as its owner. Not by the caller's signal: it has to be cleaned up. */
export async function removeMade(cluster: Cluster, made: MadeObjects): Promise<void> {
  for (const object of made.toReversed()) await cluster.remove(refOf(object), { uid: object.metadata.uid });
}

async function lookAt(
  cluster: Cluster,
  target: PrJobTarget,
  signal?: AbortSignal,
): Promise<readonly (KubeObject | undefined)[]> {
  const found = await Promise.all(accountRefs(target).map((ref) => cluster.get(ref, signal)));
  for (const object of found) {
    if (object === undefined) continue;
    const what = describeRef(refOf(object));
    if (!isOwned(object, cluster.owner)) throw new kubeErrors.Foreign({ what, owner: 'somebody else' });
    if (object.metadata.deletionTimestamp !== undefined) throw new kubeErrors.Terminating({ what });
  }
  return found;
}
