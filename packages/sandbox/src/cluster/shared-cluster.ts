import { connectCluster, findAccess, type Cluster } from '@ephemera/kube';

export interface AccessChoice {
  /** Default: `KUBECONFIG_PATH`, else the pod's own account, else what kubectl would take. */
  readonly kubeconfigPath?: string | undefined;
  /** Default: the context that `CLUSTER_NAME` names, where there is one, else the current one. */
  readonly context?: string | undefined;
}

/** One for each sandbox that was used within the last half minute, all of this process. As many as a server allows itself. */
const mostStreams = 1_000;

const connections = new Map<string, Promise<Cluster>>();

/** One connection for all hosts of this process that lead to the same place: each has sockets and limits of its own. */
export function sharedCluster({
  kubeconfigPath = setting('KUBECONFIG_PATH'),
  context,
}: AccessChoice): Promise<Cluster> {
  const preferredContext = setting('CLUSTER_NAME');
  const key = JSON.stringify([kubeconfigPath, context, preferredContext, setting('KUBECONFIG')]);
  const known = connections.get(key);
  if (known) return known;
  const open = (async () =>
    connectCluster(findAccess({ kubeconfigPath, context, preferredContext }), undefined, { mostStreams }))();
  connections.set(key, open);
  // One that could not be opened is no reason for the next not to try.
  open.catch(() => connections.delete(key));
  return open;
}

function setting(name: string): string | undefined {
  const text = process.env[name];
  return text === '' ? undefined : text;
}
