import type { Cluster } from '@ephemera/kube';
import type { GitHub } from '@ephemera/github';
import { EphemeraError } from '@ephemera/model';
import type { ProcessMetrics } from './process-metrics.ts';

/** The same cluster; every failed call and every sign of life of a watch is counted, without a caller having to think of it. */
export function observedCluster(
  cluster: Cluster,
  { clusterFailed, watchAlive }: Pick<ProcessMetrics, 'clusterFailed' | 'watchAlive'>,
): Cluster {
  const failed = (error: unknown) => report(error, 'kube.', clusterFailed);
  return reporting(
    {
      ...cluster,
      watch: (kind, options) =>
        cluster.watch(kind, {
          ...options,
          onAlive: () => {
            watchAlive();
            options.onAlive?.();
          },
          onError: (error) => {
            failed(error);
            options.onError(error);
          },
        }),
    },
    failed,
  );
}

/** The same for GitHub. */
export function observedGitHub(github: GitHub, { githubFailed }: Pick<ProcessMetrics, 'githubFailed'>): GitHub {
  return reporting(github, (error) => report(error, 'github.', githubFailed));
}

function reporting<Target extends object>(target: Target, failed: (error: unknown) => void): Target {
  return new Proxy(target, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function' || typeof name === 'symbol') return value;
      return (...args: readonly unknown[]) => {
        const result: unknown = Reflect.apply(value, object, args);
        if (result instanceof Promise) result.catch(failed);
        return result;
      };
    },
  });
}

/** Codes of the catalogue are few. A lost lease, say, aborts a call too: that is no failure of the other side. */
function report(error: unknown, prefix: string, failed: (code: string) => void): void {
  if (error instanceof EphemeraError && error.code.startsWith(prefix)) failed(error.code);
}
