import { runChecks } from '../check/run.ts';
import type { Flags } from './flags.ts';
import type { Preparation } from './prepare.ts';
import { runTier } from './run-tier.ts';
import type { Tally } from './tally.ts';
import type { Tier } from './tiers.ts';

export interface Run {
  readonly root: string;
  readonly flags: Flags;
  readonly preparation: Preparation;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** `check` and the tiers, one after the other. A part that cannot run counts as one failure; the others run all the same. */
export async function runAll(run: Run): Promise<readonly Tally[]> {
  const tallies: Tally[] = [];
  if (run.flags.check) {
    tallies.push(
      await part(run, 'check', async () =>
        one((await runChecks(run.root, run.say)) ? 'passed' : 'failed', 'see above'),
      ),
    );
  }
  for (const tier of run.flags.tiers) {
    run.signal.throwIfAborted();
    tallies.push(await part(run, tier.name, () => tierTally(run, tier)));
  }
  return tallies;
}

async function tierTally({ root, flags, preparation, say, signal }: Run, tier: Tier): Promise<Tally> {
  const { cannot, failed } = await preparation.prepare(tier);
  if (cannot !== undefined) say(`skipped: ${tier.name} (${cannot})`);
  const tally =
    cannot === undefined ? await runTier({ root, tier, files: flags.files, signal }) : one('skipped', cannot);
  const preparing = failed === 0 ? [] : ['what it needs could not all be prepared, see above'];
  return { ...tally, failed: tally.failed + failed, failures: [...preparing, ...tally.failures] };
}

async function part({ say }: Run, name: string, work: () => Promise<Tally>): Promise<Tally> {
  const startedAt = performance.now();
  say(`\n== ${name}`);
  const tally = await work().catch((error: unknown) => {
    say(`${name} could not run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return one('failed', 'could not run, see above');
  });
  const skipped = tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`== ${name}: ${tally.passed} passed, ${tally.failed} failed${skipped} in ${seconds} s`);
  return { ...tally, failures: tally.failures.map((failure) => `${name}: ${failure}`) };
}

const one = (outcome: 'passed' | 'failed' | 'skipped', why: string): Tally => ({
  passed: 0,
  failed: 0,
  skipped: 0,
  [outcome]: 1,
  failures: outcome === 'passed' ? [] : [why],
});
