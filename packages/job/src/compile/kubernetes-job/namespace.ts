import type { NamespaceObject } from './compiled-job.ts';
import type { KubernetesJob } from './kubernetes-job.ts';
import { labelsOf } from './labels.ts';
import { namesOf } from './names.ts';

/** Only where the spec asks for it: a namespace that was there before is not ours to label or to delete. */
export function namespaceOf(job: KubernetesJob): NamespaceObject | undefined {
  if (!job.spec.createNamespace) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namesOf(job).namespace, labels: labelsOf(job) },
  };
}
