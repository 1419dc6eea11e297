import { kubeErrors, type Cluster } from '@ephemera/kube';
import { describeRef, type Job, type KubeObject, type ObjectRef } from '@ephemera/model';
import { accountRefs } from './account-refs.ts';
import { accountOwner, jobOwner } from '../objects/labels.ts';
import type { PrJobTarget } from './target.ts';

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

interface Owned extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly ownerReferences?: readonly OwnerReference[] };
}

/** Writes that meet are repeated; each of them is one that somebody has won. */
const writesTried = 10;

/**
 * Makes the account's objects dependents of all Jobs of this name, so that the cluster itself removes them with the last one, even if
 * nobody ever calls cleanup.
 *
 * By a patch that names the version which it changes, not by server-side apply: two that make a Job at once would each write the list
 * that they have seen, and the later writer would drop the other one's Job. Throws `kube.not_found` when one of the objects is gone.
 */
export async function ownByJobs(cluster: Cluster, target: PrJobTarget, signal?: AbortSignal): Promise<void> {
  const owned = cluster.as(accountOwner(target));
  for (const ref of accountRefs(target)) await ownOne(owned, ref, { target, signal });
}

interface Owning {
  readonly target: PrJobTarget;
  readonly signal: AbortSignal | undefined;
}

async function ownOne(cluster: Cluster, ref: ObjectRef, { target, signal }: Owning): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const present = await cluster.get<Owned>(ref, signal);
    if (!present || present.metadata.deletionTimestamp !== undefined)
      throw new kubeErrors.NotFound({ what: describeRef(ref) });
    // After the object: whoever adds a Job later than this look writes a later version than that one.
    const owners = ownersWith(present.metadata.ownerReferences ?? [], await presentJobs(cluster, target, signal));
    if (!owners) return;
    const { uid, resourceVersion } = present.metadata;
    try {
      await cluster.patch(ref, { uid, merge: { metadata: { resourceVersion, ownerReferences: owners } } }, signal);
      return;
    } catch (error) {
      if (!(error instanceof kubeErrors.Conflict) || tries === writesTried) throw error;
    }
  }
}

/** Jobs of this name that are not being removed. */
export async function presentJobs(
  cluster: Cluster,
  target: PrJobTarget,
  signal?: AbortSignal,
): Promise<readonly Job[]> {
  const labelSelector = cluster.as(jobOwner(target)).ours;
  const { items } = await cluster.list<Job>('batch/v1/Job', { namespace: target.namespace, labelSelector, signal });
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/**
 * The owners that an object is to have: all these Jobs, and what is no Job of what it has. Undefined: it has exactly these. None of them
 * holds up the removal of a Job. Pure.
 */
export function ownersWith(
  present: readonly OwnerReference[],
  jobs: readonly Job[],
): readonly OwnerReference[] | undefined {
  const wanted = [...present.filter(({ kind }) => kind !== 'Job'), ...jobs.map(ownerReferenceTo)];
  const uids = new Set(wanted.map(({ uid }) => uid));
  const same = present.length === wanted.length && present.every(({ uid }) => uids.has(uid));
  return same ? undefined : wanted;
}

export function ownerReferenceTo({ apiVersion, kind, metadata }: Job): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
}
