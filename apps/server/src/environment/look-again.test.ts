import { expect, test } from 'vitest';
import { forMinutes, lookAgainAfterMs } from './look-again.ts';

test.each([
  [0, 2_000],
  [10_000, 2_000],
  [60_000, 12_000],
  [300_000, 60_000],
  [86_400_000, 60_000],
])('a removal that has taken %i ms is looked at again after %i ms', (age, afterMs) => {
  expect(lookAgainAfterMs(age)).toBe(afterMs);
});

test('what is usually there at once is looked at sooner, but no more often once it takes long', () => {
  expect([0, 900, 10_000, 600_000].map((age) => lookAgainAfterMs(age, 200))).toEqual([200, 200, 2_000, 60_000]);
});

test('an age is said in whole minutes, and not below one', () => {
  expect([0, 59_999, 60_000, 200_000].map(forMinutes)).toEqual(['', '', ' for 1 min', ' for 3 min']);
});
