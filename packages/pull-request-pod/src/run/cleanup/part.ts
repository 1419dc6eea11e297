import { isOwned, isUnmarked, type KnownKind, type Owner } from '@ephemera/kube';
import { instanceLabel, type KubeObject } from '@ephemera/model';
import { accountOwner, builderOwner, jobOwner } from '../../objects/labels.ts';
import { isJobNameOf } from '../../objects/names.ts';
import type { PrJobTarget } from '../target.ts';

/** One object that belongs to a name, or looks like it. */
export interface Part {
  /** At least its `metadata`. */
  readonly object: KubeObject;
  readonly kind: KnownKind;
  /** The Job that it was made for or by. Undefined: no single one, such as the account. */
  readonly jobName: string | undefined;
  /** By whose marks it may be removed. */
  readonly owner: Owner;
  /**
   * `unmarked`: nobody's marks are on it, and its name says whose it is: buildx has made it. Text: it is somebody else's, and why that is
   * known.
   */
  readonly whose: 'ours' | 'unmarked' | { readonly because: string };
}

/** On the pods of a Job, put there by the cluster. */
export const jobNameLabel = 'batch.kubernetes.io/job-name';

/** What an object of a kind is to a name. Undefined: nothing. Pure. */
export type ReadPart = (target: PrJobTarget, object: KubeObject) => Part | undefined;

export const jobPart: ReadPart = (target, object) =>
  partOf({ target, object, kind: 'batch/v1/Job', owner: jobOwner(target), jobName: object.metadata.name });

/** Deployments and StatefulSets. One that is called like a Job belongs to it; one that has our labels only is of no single Job. */
export function builderPart(kind: 'apps/v1/Deployment' | 'apps/v1/StatefulSet'): ReadPart {
  return (target, object) => {
    const { name } = object.metadata;
    return builtPart({ target, object, kind, jobName: isJobNameOf(target.name, name) ? name : undefined });
  };
}

/** Of a builder's configuration: `{job}-config`, with a number for each further node. They have no labels. */
export const configMapPart: ReadPart = (target, object) => {
  const jobName = jobNameIn(target, /^(.+)-config(?:-\d{1,4})?$/, object);
  return builtPart({ target, object, kind: 'v1/ConfigMap', jobName });
};

/** Of a builder that is a StatefulSet: `buildkitd-{job}-{number}`. */
export const claimPart: ReadPart = (target, object) => {
  const jobName = jobNameIn(target, /^buildkitd-(.+)-\d{1,4}$/, object);
  return builtPart({ target, object, kind: 'v1/PersistentVolumeClaim', jobName });
};

/**
 * Pods of Jobs, and of builders: `app` is the builder's name there. Those of our Jobs always carry our labels; a Job that is only called
 * like one of ours is somebody else's, and so are its pods.
 */
export const podPart: ReadPart = (target, object) => {
  const { app, [jobNameLabel]: job } = object.metadata.labels ?? {};
  if (app !== undefined && isJobNameOf(target.name, app))
    return builtPart({ target, object, kind: 'v1/Pod', jobName: app });
  const part = builtPart({ target, object, kind: 'v1/Pod', jobName: undefined });
  const isOfJob = job !== undefined && isJobNameOf(target.name, job);
  return part && isOfJob ? { ...part, jobName: job } : part;
};

export const secretPart: ReadPart = (target, object) => {
  const jobName = jobNameIn(target, /^(.+)-repository$/, object);
  return partOf({ target, object, kind: 'v1/Secret', owner: jobOwner(target), jobName });
};

/** ServiceAccount, Role and RoleBinding by their names. */
export function accountPart(kind: KnownKind): ReadPart {
  return (target, object) => partOf({ target, object, kind, owner: accountOwner(target), jobName: undefined });
}

/** A token of the account. Whoever has asked for it may have put labels on it, but ours say that somebody else's account has it. */
export const tokenPart: ReadPart = (target, object) => {
  const owner = accountOwner(target);
  const part = partOf({ target, object, kind: 'v1/Secret', owner, jobName: undefined });
  return part.whose !== 'ours' && isUnmarked(object, owner) ? { ...part, whose: 'unmarked' } : part;
};

interface Read {
  readonly target: PrJobTarget;
  readonly object: KubeObject;
  readonly kind: KnownKind;
  readonly jobName: string | undefined;
}

function builtPart(read: Read): Part | undefined {
  const { target, object, jobName } = read;
  const owner = builderOwner(target);
  const { 'created-by': creator, 'pr-name': name } = object.metadata.labels ?? {};
  const hasOurLabels = creator === owner.labels['created-by'] && name === target.name;
  if (jobName === undefined && !hasOurLabels) return undefined;
  const part = partOf({ ...read, owner });
  return jobName !== undefined && isUnmarked(object, owner) ? { ...part, whose: 'unmarked' } : part;
}

function partOf({ target, object, kind, jobName, owner }: Read & { readonly owner: Owner }): Part {
  const whose = isOwned(object, owner) ? 'ours' : { because: foreignTo(target, object) };
  return { object, kind, jobName, owner, whose };
}

function foreignTo({ instance }: PrJobTarget, { metadata }: KubeObject): string {
  const mark = metadata.labels?.[instanceLabel];
  if (mark !== undefined && mark !== instance) return `it belongs to the server with the instance ${mark}`;
  if (mark === undefined && instance !== undefined) return 'it was not made by this server';
  return 'its labels are not those of this job';
}

function jobNameIn({ name }: PrJobTarget, pattern: RegExp, { metadata }: KubeObject): string | undefined {
  const jobName = pattern.exec(metadata.name)?.[1];
  return jobName !== undefined && isJobNameOf(name, jobName) ? jobName : undefined;
}
