import { all, annotationKey, qualifiedName } from '../checks/names.ts';
import { checked, type Check, type Finding } from '../finding.ts';
import { entriesOf } from '../loose.ts';
import type { LooseManifest } from '../manifest-schema.ts';

/** What the API server takes for all annotations of an object, keys and values together. */
const maxAnnotationBytes = 256 * 1024;

/** The Job controller sets these on the Job and its pods, and the API server refuses others. */
const controllerLabels: ReadonlySet<string> = new Set(
  ['controller-uid', 'job-name'].flatMap((name) => [name, `batch.kubernetes.io/${name}`]),
);

const labelKey: Check = all(qualifiedName, (key) =>
  controllerLabels.has(key)
    ? { problem: 'is a label that Kubernetes itself puts on Jobs and their pods', fix: 'Choose another key.' }
    : undefined,
);

const keyOfAnnotation: Check = all(annotationKey, (key) =>
  key === 'kubernetes.io/config.mirror'
    ? { problem: 'marks the pods of a node itself, which a job cannot have', fix: 'Leave it out.' }
    : undefined,
);

export function metadataRules({ metadata }: LooseManifest): Finding[] {
  const annotations = entriesOf(metadata?.annotations);
  const bytes = annotations.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...entriesOf(metadata?.labels).flatMap(([key]) => checked(['metadata', 'labels', key], key, labelKey)),
    ...annotations.flatMap(([key]) => checked(['metadata', 'annotations', key], key, keyOfAnnotation)),
    ...(bytes > maxAnnotationBytes
      ? [
          {
            path: ['metadata', 'annotations'],
            problem: `is ${bytes} bytes, and Kubernetes takes ${maxAnnotationBytes}`,
            fix: 'Put long texts into spec.configMaps.',
          },
        ]
      : []),
  ];
}
