import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ClusterOptions } from '@ephemera/local-cluster';

/**
 * Which local cluster, and where it lives: EPHEMERA_CACHE (default `~/.cache/ephemera`) for everything that was built,
 * EPHEMERA_CLUSTER_BLOCK for its /16 network on machines where the usual one is taken.
 */
export function clusterOptions(
  environment: Readonly<Record<string, string | undefined>>,
  name = 'default',
): ClusterOptions {
  const block = environment['EPHEMERA_CLUSTER_BLOCK'];
  return {
    name,
    cache: environment['EPHEMERA_CACHE'] || join(homedir(), '.cache', 'ephemera'),
    ...(block ? { block } : {}),
  };
}
