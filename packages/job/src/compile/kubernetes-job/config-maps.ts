import type { ConfigMapObject } from './compiled-job.ts';
import type { KubernetesJob } from './kubernetes-job.ts';
import { metadataOf } from './metadata.ts';

/**
 * One ConfigMap per entry of `spec.configMaps`, by name: both the object and its only data key have the name of the entry, so that a
 * mount with `key` and `subPath` puts the content at one file.
 */
export function configMapsOf(job: KubernetesJob): readonly ConfigMapObject[] {
  return Object.entries(job.spec.configMaps)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(job, name),
      data: { [name]: content },
    }));
}
