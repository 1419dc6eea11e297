import { all, dnsLabel } from '../checks/names.ts';
import { exactlyOne } from '../exactly-one.ts';
import { checked, type Check, type Finding } from '../finding.ts';
import type { LooseManifest, LooseSpec } from '../manifest-schema.ts';

const namespaceName: Check = all(
  (text) => (text === '' ? { problem: 'is empty', fix: 'Name the namespace of the job.' } : undefined),
  dnsLabel,
);

export function namespaceRules({ spec }: LooseManifest): Finding[] {
  const namespace = spec?.namespace;
  const path = ['spec', 'namespace'];
  if (namespace === undefined) return [];
  if (typeof namespace === 'string') return checked(path, namespace, namespaceName);
  return [
    ...exactlyOne(path, namespace, ['value', 'valueFrom']),
    ...checked([...path, 'value'], namespace.value, namespaceName),
  ];
}

/** The namespace as text, as soon as references are resolved. */
export function namespaceText(namespace: LooseSpec['namespace']): string | undefined {
  return typeof namespace === 'string' ? namespace : namespace?.value;
}
