import { expect, test } from 'vitest';
import { lookAgainAfterMs } from './teardown.ts';

test.each([
  [0, 2_000],
  [10_000, 2_000],
  [60_000, 12_000],
  [300_000, 60_000],
  [86_400_000, 60_000],
])('a removal that has taken %i ms is looked at again after %i ms', (age, afterMs) => {
  expect(lookAgainAfterMs(age)).toBe(afterMs);
});
