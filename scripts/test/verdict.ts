import type { Tally } from './tally.ts';

export interface Verdict {
  readonly exitCode: 0 | 1;
  /** The last line of the output, word for word what machines look for. */
  readonly lastLine: string;
}

/** What a whole run comes to. In CI what was skipped has failed: skipping is for machines that lack something. Pure. */
export function verdictOf(tallies: readonly Tally[], ci: boolean): Verdict {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const passed = sum((tally) => tally.passed);
  const failed = sum((tally) => tally.failed + (ci ? tally.skipped : 0));
  return { exitCode: failed === 0 ? 0 : 1, lastLine: `${passed} passed, ${failed} failed` };
}

/** A tier in which nothing ran shows nothing, however it ended. */
export function atLeastOne(tally: Tally): Tally {
  return tally.passed + tally.failed + tally.skipped === 0 ? { ...tally, failed: 1, failures: ['no test ran'] } : tally;
}
