import { labelPrefix } from '@ephemera/model';

export type NamespaceLabels = Readonly<Record<string, string>>;

/** `true` on a namespace: jobs run there also where nothing limits what their accounts create, which may be as much as root of a node. */
export const unguardedLabel = `${labelPrefix}/unguarded`;

const podSecurityLabel = 'pod-security.kubernetes.io/enforce';

/** The Pod Security level that the cluster enforces there, where it refuses privileged pods. Not known: as if it enforced none. Pure. */
export function enforcedLevel(labels: NamespaceLabels = {}): 'baseline' | 'restricted' | undefined {
  const level = labels[podSecurityLabel];
  return level === 'baseline' || level === 'restricted' ? level : undefined;
}

export function isUnguardedAllowed(labels: NamespaceLabels = {}): boolean {
  return labels[unguardedLabel] === 'true';
}
