import { connectCluster, instanceOwner, type Cluster } from '@ephemera/kube';
import { findNamedCluster, namedClusters, prJobErrors } from '@ephemera/pull-request-pod';

/** The clusters that callers may name, each connected once. Disposing closes those that were named, and not the server's own. */
export interface Clusters extends AsyncDisposable {
  /**
   * No name, an empty one, the name under which the server shows its own cluster, or its context: the server's own. Else what
   * `findNamedCluster` finds. Throws `pr_job.cluster_unknown`, and what connecting throws.
   */
  get(clusterName?: string): Promise<Cluster>;
  /** The same, with the one name under which the database knows it, which `get` takes again. */
  locate(clusterName?: string): Promise<LocatedCluster>;
}

export interface LocatedCluster {
  /** Empty: the server's own. */
  readonly key: string;
  readonly cluster: Cluster;
}

export interface ClustersOptions {
  readonly own: Cluster;
  readonly ownNames: readonly string[];
  readonly instance: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Default: as it is. */
  readonly observe?: (cluster: Cluster) => Cluster;
}

export function createClusters(options: ClustersOptions): Clusters {
  const { own, ownNames, instance, environment, observe = (cluster) => cluster } = options;
  const connected = new Map<string, Promise<Cluster>>();

  /**
   * One cluster may be known by several names: a context, the NAME of a variable, either in any case. Who owns a name in it must not
   * depend on which of them a caller uses, so all of them become the first one that leads to the same API server.
   */
  function keyOf(clusterName: string): string {
    if (clusterName === '' || ownNames.includes(clusterName)) return '';
    const named = namedClusters(environment);
    // The other contexts of the server's own kubeconfig are nobody's business who may only ask the server.
    if (named.length === 0) throw new prJobErrors.PrJobClusterUnknown({ clusterName, known: ownNames });
    const { server } = findNamedCluster(clusterName, environment);
    if (server === own.server) return '';
    const names = named.flatMap(({ name, contexts, problem }) => (problem === undefined ? [name, ...contexts] : []));
    return names.find((name) => serverOf(name) === server) ?? clusterName;
  }

  function serverOf(name: string): string | undefined {
    try {
      return findNamedCluster(name, environment).server;
    } catch {
      // One entry that cannot be used hides no other.
      return undefined;
    }
  }

  async function connect(key: string): Promise<Cluster> {
    const running = connected.get(key);
    if (running) return running;
    const begun = connectCluster(findNamedCluster(key, environment), instanceOwner(instance)).then(observe);
    connected.set(key, begun);
    begun.catch(() => connected.delete(key));
    return begun;
  }

  const locate = async (clusterName = ''): Promise<LocatedCluster> => {
    const key = keyOf(clusterName);
    return { key, cluster: key === '' ? own : await connect(key) };
  };
  return {
    locate,
    get: async (clusterName) => (await locate(clusterName)).cluster,
    [Symbol.asyncDispose]: async () => {
      const clusters = await Promise.allSettled(connected.values());
      for (const one of clusters) if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]();
    },
  };
}
