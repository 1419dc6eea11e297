import type { ObjectMeta } from '@ephemera/model';
import type { KubernetesJob } from './kubernetes-job.ts';
import { labelsOf } from './labels.ts';
import { namesOf } from './names.ts';

/** Metadata of an object of the job in the job's namespace. */
export function metadataOf(job: KubernetesJob, name: string): ObjectMeta {
  return { name, namespace: namesOf(job).namespace, labels: labelsOf(job) };
}
