import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EphemeraError, messageOf } from '@ephemera/model';
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

/** Why there is no command line: the machine lacks what it is built with, or building it failed. */
export interface NoPulumi {
  readonly outcome: 'skipped' | 'failed';
  readonly reason: string;
}

/** Builds Pulumi's command line where the cache does not have it. Throws only when the run is interrupted. */
export async function providePulumiTo(
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<NoPulumi | undefined> {
  // Only here: other runs start faster without it, and work where the package does not.
  const { providePulumi } = await import('@ephemera/pulumi-cli');
  const cache = process.env.EPHEMERA_CACHE || join(homedir(), '.cache', 'ephemera');
  try {
    environment.EPHEMERA_TEST_PULUMI = JSON.stringify(await providePulumi({ cache, report: progress(say), signal }));
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    const known = error instanceof EphemeraError;
    return {
      outcome: known && error.code.endsWith('_missing') ? 'skipped' : 'failed',
      reason: [messageOf(error), known ? error.hint : undefined].filter(Boolean).join(' '),
    };
  }
}
