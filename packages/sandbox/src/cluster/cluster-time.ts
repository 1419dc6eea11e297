import type { Cluster } from '@ephemera/kube';

/** Clocks drift slowly. */
const refreshedMs = 600_000;

/** The time at the cluster, asked for once in a while. Where it cannot be had, ours is the best guess. */
export function clusterTime(cluster: () => Promise<Pick<Cluster, 'clockAheadMs'>>): () => Promise<Date> {
  let known: { readonly ahead: Promise<number>; readonly at: number } | undefined;
  return async () => {
    if (known === undefined || performance.now() - known.at > refreshedMs) {
      const ahead = cluster().then((one) => one.clockAheadMs());
      const asked = { ahead, at: performance.now() };
      known = asked;
      ahead.catch(() => (known = known === asked ? undefined : known));
    }
    return new Date(Date.now() + (await known.ahead.catch(() => 0)));
  };
}
