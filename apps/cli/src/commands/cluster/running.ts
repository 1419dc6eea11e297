import { clusterStatus, type ClusterOptions, type ClusterStatus } from '@ephemera/local-cluster';
import { ClusterNotUp } from '../../errors.ts';

/** The status of a cluster that has to be up for what is asked. */
export async function runningCluster(options: ClusterOptions): Promise<ClusterStatus & { kubeconfig: string }> {
  const status = await clusterStatus(options);
  const { kubeconfig, name } = status;
  if (status.state === 'down' || kubeconfig === null) {
    throw new ClusterNotUp({ name });
  }
  return { ...status, kubeconfig };
}
