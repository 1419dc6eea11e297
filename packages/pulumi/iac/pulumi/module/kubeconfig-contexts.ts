import { readManifest } from '@ephemera/job/compile';

/** A context of a kubeconfig, and the cluster that it leads to. */
export interface KubeContext {
  readonly name: string;
  readonly cluster: string | undefined;
}

/** Undefined where the text is no kubeconfig. Without a cause: it may quote the text, which holds credentials. */
export function contextsOf(kubeconfig: string): readonly KubeContext[] | undefined {
  const entries = (parsed(kubeconfig) as { contexts?: unknown } | null | undefined)?.contexts;
  if (!Array.isArray(entries)) return undefined;
  return entries.flatMap((entry: { name?: unknown; context?: { cluster?: unknown } } | null) =>
    typeof entry?.name === 'string'
      ? [{ name: entry.name, cluster: typeof entry.context?.cluster === 'string' ? entry.context.cluster : undefined }]
      : [],
  );
}

/** The context that a cluster's name means: the one of that name, or the first whose cluster has it. */
export function contextFor(contexts: readonly KubeContext[], clusterName: string): KubeContext | undefined {
  return contexts.find(({ name }) => name === clusterName) ?? contexts.find(({ cluster }) => cluster === clusterName);
}

/** Whether a context is the one of that name, or leads to the cluster of that name. */
export function isFor(contexts: readonly KubeContext[], context: string, clusterName: string): boolean {
  return context === clusterName || contexts.find(({ name }) => name === context)?.cluster === clusterName;
}

function parsed(text: string): unknown {
  try {
    return readManifest(text, { source: 'the kubeconfig' });
  } catch {
    return undefined;
  }
}
