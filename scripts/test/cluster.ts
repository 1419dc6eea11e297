import { homedir } from 'node:os';
import { join } from 'node:path';
import { EphemeraError } from '@ephemera/model';
import { progress } from './progress.ts';
import { joinRuns } from './runs.ts';

/** The instance of the local cluster that tests use. */
export const NAME = 'test';

export interface TestCluster {
  /** What test processes read to find it. */
  readonly environment: Readonly<Record<string, string | null>>;
  down(): Promise<void>;
}

/** A machine that has not what the local cluster needs; the message says what. */
export class CannotRun extends Error {}

/** Brings up the local cluster `test`, beside whatever else runs on the machine, and says how far it is. */
export async function bringUp(say: (line: string) => void, signal: AbortSignal): Promise<TestCluster> {
  // Only here: the tiers without a cluster start faster, and work where the package does not.
  const { clusterDown, clusterStatus, clusterTools, clusterUp } = await import('@ephemera/local-cluster');
  const cache = process.env.EPHEMERA_CACHE || join(homedir(), '.cache', 'ephemera');
  const options = { name: NAME, cache, report: progress(say) };
  const runs = joinRuns(join(cache, 'test-runs'));
  const down = async (): Promise<void> => {
    if (runs.leave() === 'last') await clusterDown(options);
  };
  try {
    const { state } = await clusterStatus(options);
    if (state !== 'up') runs.broughtUp();
    const { kubeconfig, registry, nodeAddress } = await clusterUp({ ...options, signal });
    const environment = {
      EPHEMERA_TEST_KUBECONFIG: kubeconfig,
      EPHEMERA_TEST_REGISTRY: registry,
      EPHEMERA_TEST_NODE: nodeAddress,
      EPHEMERA_TEST_KUBECTL: JSON.stringify(clusterTools(options).kubectl),
    };
    return { environment, down };
  } catch (error) {
    if (error instanceof EphemeraError && error.code.endsWith('_missing')) {
      runs.leave();
      throw new CannotRun([error.message, error.hint].filter(Boolean).join(' '), { cause: error });
    }
    await down();
    throw error;
  }
}
