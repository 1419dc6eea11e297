import type { KubeObject, ObjectRef } from '@ephemera/model';
import type { Owner } from '@ephemera/kube';
import { jobLabels, type CompiledJob } from '../compile/index.ts';

/** Names one job in one cluster. */
export interface JobRef {
  readonly namespace: string;
  readonly name: string;
  /** That of the Job, where it is known: a later Job of the same name is then another one. */
  readonly uid?: string | undefined;
  /**
   * Which KubernetesJob of that name, by its `metadata.id`. Text: the one with that id. null: the one whose manifest gives no id. Left out
   * or undefined: whichever it is, with or without an id. `runJob` returns text or null, so that what is done with its answer never
   * touches a job of that name with another id.
   */
  readonly id?: string | null | undefined;
}

export function jobRefOf({ job }: CompiledJob): JobRef & { readonly id: string | null } {
  const { name, namespace = '', labels } = job.metadata;
  return { namespace, name, id: labels?.[jobLabels.resourceId] ?? null };
}

export function batchJob({ namespace, name }: JobRef): ObjectRef {
  return { apiVersion: 'batch/v1', kind: 'Job', namespace, name };
}

/**
 * Who owns the objects of a KubernetesJob: whatever carries its kind, its name and its id. Within one namespace that is one job, since
 * its Job has that name; objects in other namespaces are never looked at.
 */
export function jobOwner({ name, id }: Pick<JobRef, 'name' | 'id'>): Owner {
  const labels = { [jobLabels.resourceKind]: 'KubernetesJob', [jobLabels.resourceName]: name };
  return { labels: id === undefined ? labels : { ...labels, [jobLabels.resourceId]: id ?? undefined } };
}

/** Whose an object is, as a person would say it. Pure. */
export function ownerInWords({ metadata: { labels = {} } }: KubeObject): string {
  const name = labels[jobLabels.resourceName];
  const id = labels[jobLabels.resourceId];
  if (labels[jobLabels.resourceKind] !== 'KubernetesJob' || name === undefined)
    return 'somebody who is no KubernetesJob';
  return `KubernetesJob ${name}${id === undefined ? '' : ` (id ${id})`}`;
}
