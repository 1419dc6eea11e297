import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EphemeraError } from '@ephemera/model';
import { progress } from './progress.ts';
import { filesOf, type TierName } from './tiers.ts';

const FOLDER = 'packages/pulumi/';

/** Whether a test of the tier that is going to run drives Pulumi's command line: building it is worth minutes only then. */
export function needsPulumi(root: string, tier: TierName, chosen: readonly string[]): boolean {
  if (tier !== 'journey') return false;
  const { include, exclude } = filesOf(tier);
  const files = globSync(include, { cwd: root, exclude }).filter((file) => file.startsWith(FOLDER));
  return chosen.length === 0
    ? files.length > 0
    : files.some((file) => chosen.some((part) => join(root, file).includes(part)));
}

/** Builds Pulumi's command line where the cache does not have it. A string is why this machine cannot. */
export async function providePulumiTo(
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  // Only here: other runs start faster without it, and work where the package does not.
  const { providePulumi } = await import('@ephemera/pulumi-cli');
  const cache = process.env.EPHEMERA_CACHE || join(homedir(), '.cache', 'ephemera');
  try {
    environment.EPHEMERA_TEST_PULUMI = JSON.stringify(await providePulumi({ cache, report: progress(say), signal }));
    return undefined;
  } catch (error) {
    if (error instanceof EphemeraError && error.code.endsWith('_missing')) {
      return [error.message, error.hint].filter(Boolean).join(' ');
    }
    throw error;
  }
}
