import { homedir } from 'node:os';
import { join } from 'node:path';
import { chosenFiles } from './has-files.ts';
import { lackingFor, type Lacking } from './lacking.ts';
import { progress } from './progress.ts';
import type { TierName } from './tiers.ts';

const FOLDER = 'packages/pulumi/';

/** Whether a test of the tier that is going to run drives Pulumi's command line: building it is worth minutes only then. */
export function needsPulumi(root: string, tier: TierName, chosen: readonly string[]): boolean {
  return tier === 'journey' && chosenFiles(root, tier, chosen).some((file) => file.startsWith(FOLDER));
}

/** Builds Pulumi's command line where the cache does not have it. Throws only when the run is interrupted. */
export async function providePulumiTo(
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Lacking | undefined> {
  // Only here: other runs start faster without it, and work where the package does not.
  const { providePulumi } = await import('@ephemera/pulumi-cli');
  const cache = process.env.EPHEMERA_CACHE || join(homedir(), '.cache', 'ephemera');
  try {
    environment.EPHEMERA_TEST_PULUMI = JSON.stringify(await providePulumi({ cache, report: progress(say), signal }));
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return lackingFor(error);
  }
}
