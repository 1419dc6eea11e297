import { homedir } from 'node:os';
import { join } from 'node:path';
import { clusterDown, clusterStatus, clusterUp } from '@ephemera/local-cluster';

/** The cluster to measure on. */
export interface BenchCluster extends AsyncDisposable {
  /** Undefined: where kubectl looks. */
  readonly kubeconfigPath: string | undefined;
}

interface ClusterOptions {
  readonly context: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** The user's cluster by its context, or the local one: started if it is not up, and then taken down again at the end. */
export async function clusterOf({ context, signal, say }: ClusterOptions): Promise<BenchCluster> {
  if (context !== undefined) {
    return { kubeconfigPath: process.env['KUBECONFIG_PATH'], [Symbol.asyncDispose]: async () => {} };
  }
  const options = { name: 'default', cache: cacheFolder() };
  // A busy cluster may look broken for a moment; only one that was surely not there is ours to take down.
  const wasThere = (await clusterStatus(options)).state !== 'down';
  await using stack = new AsyncDisposableStack();
  if (!wasThere) {
    stack.defer(async () => {
      await clusterDown(options);
      say('The local cluster is down again');
    });
  }
  say(wasThere ? 'The local cluster is up already' : 'The local cluster is brought up');
  const { kubeconfig } = await clusterUp({ ...options, signal, report: () => {} });
  if (kubeconfig === null) throw new Error('the local cluster has no kubeconfig');
  const owned = stack.move();
  return { kubeconfigPath: kubeconfig, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Where the local cluster and all programs that are built lie. */
export function cacheFolder(): string {
  return process.env['EPHEMERA_CACHE'] || join(homedir(), '.cache', 'ephemera');
}
