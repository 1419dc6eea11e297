import { findAccess } from '@ephemera/kube';
import { clusterDown, clusterStatus, clusterUp } from '@ephemera/local-cluster';
import { clusterOptions } from '../cluster-options.ts';
import type { Context } from '../context.ts';
import { progressPrinter, seconds } from '../progress.ts';
import { NoKubeconfig } from './errors.ts';
import type { Terminal } from './terminal.ts';

/** The cluster that the demo plays on. */
export interface DemoCluster extends AsyncDisposable {
  readonly kubeconfigPath: string | undefined;
  readonly description: string;
  /** Words of a command that looks into it. */
  readonly kubectl: string;
  /** After disposing: what should be gone and is not. */
  leftover(): Promise<string[]>;
}

interface Options {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** A cluster of the user's, which is left as it was found; its processes are not ours. Refuses a context that is not there. */
export function givenCluster(context: string, kubeconfigPath: string | undefined): DemoCluster {
  const { source } = findAccess({ context, kubeconfigPath });
  const file = kubeconfigPath === undefined ? '' : ` --kubeconfig ${kubeconfigPath}`;
  return {
    kubeconfigPath,
    description: source,
    kubectl: `kubectl${file} --context ${context}`,
    leftover: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The local cluster: started if it is not up, and then taken down again at the end. */
export async function localCluster(command: Context, { terminal, signal }: Options): Promise<DemoCluster> {
  const options = clusterOptions(command.environment);
  // A busy cluster may look broken for a moment; only one that was surely not there is ours to take down.
  const wasThere = (await clusterStatus(options)).state !== 'down';
  await using stack = new AsyncDisposableStack();
  if (!wasThere) {
    // Registered before it is up: a start that is interrupted half way is taken down too.
    stack.defer(async () => {
      const startedAt = performance.now();
      await clusterDown(options);
      terminal.say(
        `the local cluster is down (${seconds(performance.now() - startedAt)}); its cache stays for the next time`,
      );
    });
  }
  const status = await clusterUp({
    ...options,
    signal,
    report: progressPrinter(command.process.stdout, { quietBelowMs: 2_000 }),
  });
  // Without it the search for a cluster would go on to one of the user's.
  if (status.kubeconfig === null) throw new NoKubeconfig({});
  const owned = stack.move();
  return {
    kubeconfigPath: status.kubeconfig,
    description: `Kubernetes ${status.version}, one node of its own`,
    kubectl: 'npx ephemera cluster kubectl --',
    leftover: async () => (wasThere || (await clusterStatus(options)).state === 'down' ? [] : ['Cluster//default']),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
