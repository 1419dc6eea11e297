import { expect, test } from 'vitest';
import { atLeastOne, verdictOf } from './verdict.ts';

const tally = (passed: number, failed: number, skipped: number) => ({ passed, failed, skipped, failures: [] });

test.each([
  [[tally(1, 0, 0), tally(10, 0, 0)], false, 0, '11 passed, 0 failed'],
  [[tally(1, 0, 0), tally(10, 2, 0)], false, 1, '11 passed, 2 failed'],
  [[tally(1, 0, 1)], false, 0, '1 passed, 0 failed'],
  [[tally(1, 0, 1)], true, 1, '1 passed, 1 failed'],
  [[], true, 0, '0 passed, 0 failed'],
] as const)('%j with CI=%s ends with %i and "%s"', (tallies, ci, exitCode, lastLine) => {
  expect(verdictOf(tallies, ci)).toEqual({ exitCode, lastLine });
});

test('a tier without a test has failed', () => {
  expect(atLeastOne(tally(0, 0, 0))).toEqual({ ...tally(0, 1, 0), failures: ['no test ran'] });
  expect(atLeastOne(tally(0, 0, 1))).toEqual(tally(0, 0, 1));
});
