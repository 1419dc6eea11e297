/** What one check came to. */
export interface CheckResult {
  readonly check: string;
  readonly ok: boolean;
  /** What was found, as a sentence without its end. May hold text of strangers. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export type Finding = Omit<CheckResult, 'check'>;

export const fine = (detail: string): Finding => ({ ok: true, detail });
export const fault = (detail: string, hint: string): Finding => ({ ok: false, detail, hint });

/** The remedy for most faults: applying gives back what was changed, too. */
export function applyAgain(namespace: string): string {
  return namespace === 'default'
    ? 'Run: kubectl apply -f k8s/rbac/k8s.yaml'
    : `Apply the objects of k8s/rbac to ${namespace}, as k8s/README.md says for other namespaces.`;
}

/** The first few, and how many more there are. */
export function someOf(items: readonly string[], most = 6): string {
  const more = items.length - most;
  return `${items.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
