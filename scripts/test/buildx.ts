import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { chosenFiles } from './has-files.ts';
import { lackingFor, type Lacking } from './lacking.ts';
import { progress } from './progress.ts';
import type { TierName } from './tiers.ts';

/** Whether a test of the tier that is going to run builds with buildx; the name of its file begins with that. */
export function needsBuildx(root: string, tier: TierName, chosen: readonly string[]): boolean {
  return tier === 'journey' && chosenFiles(root, tier, chosen).some((file) => basename(file).startsWith('buildx'));
}

export interface BuildxPlace {
  /** What the cluster says of itself to test processes; its registry gets the images. Undefined: a cluster of the user's. */
  readonly cluster: Readonly<Record<string, string | null>> | undefined;
  readonly clusterName: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Puts the images with buildx into the registry of the tests' cluster. Throws only when the run is interrupted. */
export async function provideBuildxTo(
  environment: NodeJS.ProcessEnv,
  { cluster, clusterName, say, signal }: BuildxPlace,
): Promise<Lacking | undefined> {
  const registry = cluster?.['EPHEMERA_TEST_REGISTRY'] ?? undefined;
  if (registry === undefined) {
    return {
      outcome: 'skipped',
      reason: 'its images are made for the registry of the local cluster; run without --context',
    };
  }
  // Only here: other runs start faster without it, and work where the package does not.
  const { provideBuildx } = await import('@ephemera/buildx');
  const cache = process.env.EPHEMERA_CACHE || join(homedir(), '.cache', 'ephemera');
  try {
    const provided = await provideBuildx({ cache, registry, name: clusterName, report: progress(say), signal });
    environment.EPHEMERA_TEST_BUILDX = JSON.stringify(provided);
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return lackingFor(error);
  }
}
