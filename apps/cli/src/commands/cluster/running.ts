import { clusterStatus, type ClusterStatus } from '@ephemera/local-cluster';
import { BadInput } from '../../errors.ts';

/** The status of a cluster that has to be up for what is asked. */
export async function runningCluster(name: string, cache: string): Promise<ClusterStatus & { kubeconfig: string }> {
  const status = await clusterStatus({ name, cache });
  const { kubeconfig } = status;
  if (status.state === 'down' || kubeconfig === null) {
    throw new BadInput({
      problem: `The cluster ${name} is not up.`,
      hint: `Start it: npx ephemera cluster up${name === 'default' ? '' : ` --name ${name}`}`,
    });
  }
  return { ...status, kubeconfig };
}
