import { startVitest } from 'vitest/node';
import { interruptibleBy } from './interruption.ts';
import { TallyReporter, type Tally } from './tally.ts';
import type { Tier } from './tiers.ts';
import { atLeastOne } from './verdict.ts';

export interface TierRun {
  readonly root: string;
  readonly tier: Tier;
  readonly files: readonly string[];
  readonly signal: AbortSignal;
}

/** Runs the tests of one tier. Vitest prints them as it always does; the result is only what has to be counted. */
export async function runTier({ root, tier, files, signal }: TierRun): Promise<Tally> {
  const counting = new TallyReporter(root);
  const vitest = await startVitest([...files], {
    root,
    project: [tier.name],
    watch: false,
    // A forgotten `.only` would hide the other tests of its file.
    allowOnly: false,
    reporters: ['default', counting, interruptibleBy(signal)],
  });
  await vitest.close();
  // Vitest sets the exit code by itself; here the verdict on the whole run does.
  process.exitCode = undefined;
  return atLeastOne(counting.tally);
}
