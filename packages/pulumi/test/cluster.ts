import { randomBytes } from 'node:crypto';
import { connectCluster, findAccess, type Cluster } from '@ephemera/kube';

/** For what the cluster does in its own time. */
export const patience = { timeout: 60_000, interval: 200 };

/** The real cluster, only to look at: this owner has made nothing. */
export async function lookingAtCluster(): Promise<Cluster> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  return connectCluster(findAccess({ kubeconfigPath, context }), { labels: { 'ephemera.test/looking': 'on' } });
}

/** A name that nobody else has. */
export function uniqueName(what: string): string {
  return `pulumi-${what}-${randomBytes(4).toString('hex')}`;
}
