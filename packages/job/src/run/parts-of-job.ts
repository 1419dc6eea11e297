import type { KubeObject } from '@ephemera/model';

/** The job's objects in a namespace as they were found, all of them with the labels of its owner. */
export interface Parts {
  /** What belongs to the Job that is meant, or is left over from an earlier one. */
  readonly meant: readonly KubeObject[];
  /** What a later run of the job has made. */
  readonly later: readonly KubeObject[];
}

export interface Meant {
  /** The UID of the Job that is meant; undefined when there was none. */
  readonly uid: string | undefined;
  /** The UIDs of all that was there at the first look: what came later, and does not belong to that Job, belongs to a later run. */
  readonly seen: ReadonlySet<string | undefined>;
}

/**
 * Tells the objects of one Job from those of a later one of the same name, which carry the same labels. Secrets and ConfigMaps belong to no
 * Job while a run is making them: beside a later Job they are taken for its own. Pure.
 */
export function partsOfJob(objects: readonly KubeObject[], { uid, seen }: Meant): Parts {
  const laterJobs = new Set(
    objects
      .filter((object) => object.kind === 'Job' && object.metadata.uid !== uid)
      .map(({ metadata }) => metadata.uid),
  );
  const isMeant = (object: KubeObject): boolean => {
    if (object.kind === 'Job') return !laterJobs.has(object.metadata.uid);
    const job = jobUidOf(object);
    if (job !== undefined && (job === uid || laterJobs.has(job))) return job === uid;
    return seen.has(object.metadata.uid) && (job !== undefined || laterJobs.size === 0);
  };
  return { meant: objects.filter(isMeant), later: objects.filter((object) => !isMeant(object)) };
}

/** The UID of the Job that an object belongs to: an owner reference, or what the cluster writes on each pod of a Job. Pure. */
export function jobUidOf({ metadata }: KubeObject): string | undefined {
  const { ownerReferences = [], labels }: WithOwners = metadata;
  return (
    ownerReferences.find(({ kind }) => kind === 'Job')?.uid ??
    labels?.['batch.kubernetes.io/controller-uid'] ??
    undefined
  );
}

type WithOwners = KubeObject['metadata'] & {
  readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[];
};
