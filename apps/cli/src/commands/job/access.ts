import { findAccess, type AccessOptions, type ClusterAccess } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';

export interface Where {
  /** The flag `--context`. */
  readonly context?: string | undefined;
  /** `spec.targetCluster.clusterName` of the manifest. */
  readonly clusterName?: string | undefined;
}

/**
 * The flag decides, then the manifest, then CLUSTER_NAME, as far as there is a context of that name. A flag and a manifest that name
 * two contexts contradict each other; a name that is no context is only a name, which `--context` may give another cluster.
 */
export function accessFor({ context, clusterName }: Where, environment: Context['environment']): ClusterAccess {
  const kubeconfigPath = environment['KUBECONFIG_PATH'] || undefined;
  const find = (options: AccessOptions) => findAccess({ kubeconfigPath, environment, ...options });
  if (context !== undefined && clusterName !== undefined && context !== clusterName && hasContext(find, clusterName)) {
    throw new BadInput({
      problem: `--context is ${context}, but the manifest is for ${clusterName} (spec.targetCluster.clusterName).`,
      hint: 'Leave --context out, or correct the manifest, also with --set spec.targetCluster.clusterName=NAME.',
    });
  }
  return find({ context, preferredContext: clusterName ?? (environment['CLUSTER_NAME'] || undefined) });
}

function hasContext(find: (options: AccessOptions) => ClusterAccess, name: string): boolean {
  try {
    find({ context: name });
    return true;
  } catch (error) {
    if (error instanceof EphemeraError) return false;
    throw error;
  }
}
