import { qualifiedName } from '../checks/names.ts';
import { checked, entriesOf, type Finding } from '../finding.ts';
import type { LooseManifest } from '../manifest-schema.ts';

/** What the API server takes for all annotations of an object, keys and values together. */
const maxAnnotationBytes = 256 * 1024;

export function metadataRules({ metadata }: LooseManifest): Finding[] {
  const annotations = entriesOf(metadata?.annotations);
  const bytes = annotations.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...entriesOf(metadata?.labels).flatMap(([key]) => checked(['metadata', 'labels', key], key, qualifiedName)),
    ...annotations.flatMap(([key]) => checked(['metadata', 'annotations', key], key, qualifiedName)),
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
