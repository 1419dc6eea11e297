import type { Cluster } from '@ephemera/kube';

/** Clocks drift by milliseconds in that time. */
const goodForMs = 600_000;

/** Tells the time at the cluster; its clock is asked for once in ten minutes. Where it cannot be had, ours is the best guess. */
export function clusterClock(cluster: Pick<Cluster, 'clockAheadMs'>): (signal: AbortSignal) => Promise<Date> {
  let aheadMs = 0;
  let askedAt = -Infinity;
  return async (signal) => {
    if (performance.now() - askedAt >= goodForMs) {
      try {
        aheadMs = await cluster.clockAheadMs(signal);
        askedAt = performance.now();
      } catch {
        signal.throwIfAborted();
      }
    }
    return new Date(Date.now() + aheadMs);
  };
}
