import { connectCluster, instanceOwner, type Cluster, type ClusterAccess } from '@ephemera/kube';
import { prJobErrors, readNamedClusters, type NamedClusters } from '@ephemera/pull-request-pod';
import { addressOf, uidOf } from './cluster-identity.ts';
import { ClusterNotAllowed } from './errors.ts';

/** The clusters that callers may name, each connected once. Disposing closes those that were named, and not the server's own. */
export interface Clusters extends AsyncDisposable {
  /**
   * For callers. No name, an empty one, the name under which the server shows its own cluster, or its context: the server's own. Else what
   * a KUBECONFIG_<NAME> has. Throws `pr_job.cluster_unknown`, `pr_job.cluster_not_allowed`, and what connecting and asking which cluster it
   * is throw.
   */
  locate(clusterName?: string): Promise<LocatedCluster>;
  /** For the server itself: by a name or by a key of the database, also what callers may not name, or may no longer. */
  at(keyOrName: string): Promise<LocatedCluster>;
}

export interface LocatedCluster {
  /**
   * The one name under which the database knows it. Empty: the server's own. `uid:…`: by the UID of its namespace kube-system. An address
   * where no account that leads there may read that.
   */
  readonly key: string;
  readonly cluster: Cluster;
}

export interface ClustersOptions {
  readonly own: Cluster;
  readonly ownNames: readonly string[];
  readonly instance: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Beside the server's own, by their names as callers write them. Default: every one that the environment names. */
  readonly allowed?: readonly string[] | undefined;
  /** Default: as it is. */
  readonly observe?: (cluster: Cluster) => Cluster;
}

/**
 * One cluster may be known by several names and at several addresses. Who owns a name in it must not depend on which of them a caller uses,
 * nor on which others come later: the database knows each by what the cluster itself says of who it is.
 */
export function createClusters(options: ClustersOptions): Clusters {
  const { own, ownNames, instance, environment, allowed, observe = (cluster) => cluster } = options;
  const connected = new Map<ClusterAccess, Promise<Cluster>>();
  const uids = new Map<ClusterAccess | Cluster, Promise<string | undefined>>();
  const foundByKey = new Map<string, ClusterAccess>();
  let read: NamedClusters | undefined;
  // Once: to parse kubeconfigs takes longer than all else that a request needs.
  const named = (): NamedClusters => (read ??= readNamedClusters(environment));

  function find(clusterName: string): ClusterAccess {
    try {
      return named().find(clusterName);
    } catch (error) {
      if (!(error instanceof prJobErrors.PrJobClusterUnknown)) throw error;
      // Names of contexts often tell accounts, and what is wrong with a kubeconfig is for its operator.
      const usable = named().all.flatMap(({ name, problem }) => (problem === undefined ? [name] : []));
      const known = usable.length === 0 ? ownNames : (allowed ?? usable);
      throw new prJobErrors.PrJobClusterUnknown({ clusterName, known });
    }
  }

  function isAllowed(access: ClusterAccess): boolean {
    if (allowed === undefined) return true;
    return allowed.some((name) => {
      try {
        return named().find(name) === access;
      } catch {
        return false;
      }
    });
  }

  const connect = async (access: ClusterAccess): Promise<Cluster> =>
    once(connected, access, async () => observe(await connectCluster(access, instanceOwner(instance))));
  const uidAt = async (access: ClusterAccess) => once(uids, access, async () => uidOf(await connect(access)));

  /**
   * Asked of each access, as a proxy may lead from one address to several clusters. Only where its account may not read it, the other
   * accounts at that address are believed.
   */
  async function identityOf(server: string, ask: () => Promise<string | undefined>): Promise<string> {
    const address = addressOf(server);
    const others = named()
      .accesses()
      .filter((access) => addressOf(access.server) === address);
    for (const one of [ask, ...others.map((access) => async () => uidAt(access))]) {
      const uid = await one();
      if (uid !== undefined) return `uid:${uid}`;
    }
    return address;
  }

  const ownIdentity = async () => identityOf(own.server, async () => once(uids, own, async () => uidOf(own)));

  async function locateAccess(access: ClusterAccess): Promise<LocatedCluster> {
    const [key, ownKey] = await Promise.all([identityOf(access.server, async () => uidAt(access)), ownIdentity()]);
    return key === ownKey ? { key: '', cluster: own } : { key, cluster: await connect(access) };
  }

  /** The first one that says that it is this one. One that does not answer could be it. */
  async function byKey(key: string): Promise<LocatedCluster> {
    // From a time when the server was elsewhere.
    if (key === (await ownIdentity())) return { key: '', cluster: own };
    const before = foundByKey.get(key);
    if (before) return locateAccess(before);
    let trouble: Error | undefined;
    for (const access of named().accesses()) {
      try {
        const located = await locateAccess(access);
        if (located.key !== key && addressOf(access.server) !== key) continue;
        foundByKey.set(key, access);
        return located;
      } catch (error) {
        trouble ??= error as Error;
      }
    }
    throw trouble ?? new prJobErrors.PrJobClusterUnknown({ clusterName: key, known: ownNames });
  }

  return {
    locate: async (clusterName = '') => {
      if (clusterName === '' || ownNames.includes(clusterName)) return { key: '', cluster: own };
      const access = find(clusterName);
      if (!isAllowed(access)) throw new ClusterNotAllowed({ clusterName, allowed: allowed ?? [] });
      return locateAccess(access);
    },
    at: async (keyOrName) => {
      if (keyOrName === '') return { key: '', cluster: own };
      return isKey(keyOrName) ? byKey(keyOrName) : locateAccess(find(keyOrName));
    },
    [Symbol.asyncDispose]: async () => {
      const clusters = await Promise.allSettled(connected.values());
      for (const one of clusters) if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]();
    },
  };
}

const isKey = (text: string) => text.startsWith('uid:') || text.includes('://');

/** Whoever asks for what is under way waits for the same; what fails is tried again. */
async function once<Key, Value>(kept: Map<Key, Promise<Value>>, key: Key, begin: () => Promise<Value>): Promise<Value> {
  const running = kept.get(key);
  if (running) return running;
  const begun = begin();
  kept.set(key, begun);
  begun.catch(() => kept.delete(key));
  return begun;
}
