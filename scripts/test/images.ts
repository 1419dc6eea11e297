import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { chosenFiles } from './has-files.ts';
import { lackingFor, type Lacking } from './lacking.ts';
import { progress } from './progress.ts';
import type { TierName } from './tiers.ts';

/** Images that some tests need in the registry of the cluster, and that take a while to make. */
export interface TestImages {
  /** What the names of those tests' files begin with. */
  readonly prefix: string;
  /** Where test processes read what was provided, as JSON. */
  readonly variable: string;
  readonly provide: (options: ProvideImages) => Promise<unknown>;
}

interface ProvideImages {
  readonly cache: string;
  readonly registry: string;
  readonly name: string;
  readonly report: ReturnType<typeof progress>;
  readonly signal: AbortSignal;
}

/** Each package is loaded only when it is needed: other runs start faster without it, and work where it does not. */
export const TEST_IMAGES: readonly TestImages[] = [
  {
    prefix: 'buildx',
    variable: 'EPHEMERA_TEST_BUILDX',
    provide: async (options) => (await import('@ephemera/buildx')).provideBuildx(options),
  },
  {
    prefix: 'python-nodejs',
    variable: 'EPHEMERA_TEST_PYTHON_NODEJS',
    provide: async (options) => (await import('@ephemera/python-nodejs')).provideImage(options),
  },
];

/** What tests of the tier that are going to run need. */
export function neededImages(root: string, tier: TierName, chosen: readonly string[]): readonly TestImages[] {
  const names = chosenFiles(root, tier, chosen).map((file) => basename(file));
  return TEST_IMAGES.filter(({ prefix }) => names.some((name) => name.startsWith(prefix)));
}

export interface ImagesPlace {
  /** What the cluster says of itself to test processes; its registry gets the images. Undefined: a cluster of the user's. */
  readonly cluster: Readonly<Record<string, string | null>> | undefined;
  readonly clusterName: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Puts images into the registry of the tests' cluster. Throws only when the run is interrupted. */
export async function provideImagesTo(
  environment: NodeJS.ProcessEnv,
  { variable, provide }: TestImages,
  { cluster, clusterName, say, signal }: ImagesPlace,
): Promise<Lacking | undefined> {
  const registry = cluster?.['EPHEMERA_TEST_REGISTRY'] ?? undefined;
  if (registry === undefined) {
    return {
      outcome: 'skipped',
      reason: 'its images are made for the registry of the local cluster; run without --context',
    };
  }
  const cache = process.env.EPHEMERA_CACHE || join(homedir(), '.cache', 'ephemera');
  try {
    const provided = await provide({ cache, registry, name: clusterName, report: progress(say), signal });
    environment[variable] = JSON.stringify(provided);
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return lackingFor(error);
  }
}
