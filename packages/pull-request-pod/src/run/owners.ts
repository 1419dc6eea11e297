import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, type Job, type KubeObject, type ObjectRef } from '@ephemera/model';
import { accountOwner, jobOwner } from '../objects/labels.ts';
import { accountRefs } from './account-refs.ts';
import { atOnce } from './at-once.ts';
import type { PrJobTarget } from './target.ts';

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

interface Owned extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly ownerReferences?: readonly OwnerReference[] };
}

/**
 * Writes that meet are repeated, each of them is one that somebody has won; pauses of up to a second and a half keep those who come at once
 * from meeting again.
 */
const writesTried = 30;
const longestPauseMs = 1_500;

/**
 * Makes the account's objects dependents of all Jobs of this name, so that the cluster itself removes them with the last one, even if
 * nobody ever calls cleanup. `read`: the objects as they were read or written before now; default: they are read.
 *
 * By a patch that names the version which it changes, not by server-side apply: two that make a Job at once would each write the list
 * that they have seen, and the later writer would drop the other one's Job. The Jobs are listed after the objects were read, once for
 * all three: whoever adds a Job later than this list writes a later version than those. Throws `kube.not_found` when one of the objects is
 * gone.
 */
export async function ownByJobs(
  cluster: Cluster,
  target: PrJobTarget,
  { read = [], signal }: { readonly read?: readonly KubeObject[]; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const owned = cluster.as(accountOwner(target));
  const known = new Map<string, Owned>(read.map((object) => [object.kind, object]));
  let open: readonly ObjectRef[] = accountRefs(target);
  for (let tries = 1; ; tries += 1) {
    const objects = await atOnce(open.map(async (ref) => known.get(ref.kind) ?? (await readOwned(owned, ref, signal))));
    known.clear();
    const jobs = await presentJobs(cluster, target, signal);
    const writes = await atOnce(objects.map((object) => write(owned, object, { jobs, signal })));
    const conflict = writes.find((outcome) => outcome !== undefined);
    if (conflict === undefined) return;
    if (tries === writesTried) throw conflict;
    open = open.filter((_, at) => writes[at] !== undefined);
    const pauseMs = randomInt(Math.min(longestPauseMs, 20 * 2 ** tries));
    await wait(pauseMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

async function readOwned(cluster: Cluster, ref: ObjectRef, signal?: AbortSignal): Promise<Owned> {
  const present = await cluster.get<Owned>(ref, signal);
  if (!present || present.metadata.deletionTimestamp !== undefined)
    throw new kubeErrors.NotFound({ what: describeRef(ref) });
  return present;
}

/** The conflict, where somebody else has written since. */
async function write(
  cluster: Cluster,
  object: Owned,
  { jobs, signal }: { readonly jobs: readonly Job[]; readonly signal: AbortSignal | undefined },
): Promise<Error | undefined> {
  const { uid, resourceVersion, ownerReferences = [] } = object.metadata;
  const owners = ownersWith(ownerReferences, jobs);
  if (!owners) return undefined;
  const ref = refOf(object);
  const merge = { metadata: { resourceVersion, ownerReferences: owners } };
  try {
    const { metadata } = await cluster.patch(ref, { uid, read: object, merge }, signal);
    // Its removal began in between: the owners do not keep it.
    if (metadata.deletionTimestamp !== undefined) throw new kubeErrors.NotFound({ what: describeRef(ref) });
    return undefined;
  } catch (error) {
    if (error instanceof kubeErrors.Conflict) return error;
    throw error;
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
