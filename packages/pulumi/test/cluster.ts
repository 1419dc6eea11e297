import { randomBytes } from 'node:crypto';
import { connectCluster, findAccess, type Cluster } from '@ephemera/kube';

/** For what the cluster does in its own time. */
export const patience = { timeout: 60_000, interval: 200 };

/** What an object must carry for a test to remove it under Pulumi's hands. */
export const lookingLabels = { 'ephemera.test/looking': 'on' };

/** The real cluster, mostly to look at: of this owner is only what carries its labels. */
export async function lookingAtCluster(): Promise<Cluster> {
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfigPath, EPHEMERA_TEST_CONTEXT: context } = process.env;
  return connectCluster(findAccess({ kubeconfigPath, context }), { labels: lookingLabels });
}

/** A name that nobody else has. */
export function uniqueName(what: string): string {
  return `pulumi-${what}-${randomBytes(4).toString('hex')}`;
}
