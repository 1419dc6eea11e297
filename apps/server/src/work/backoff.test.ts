import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test.each([
  [0, 500, 1_000],
  [1, 1_000, 2_000],
  [5, 16_000, 32_000],
  [9, 150_000, 300_000],
  [1_000_000, 150_000, 300_000],
])('after %i failures the wait is between %i and %i ms', (attempts, least, most) => {
  expect(backoffMs(attempts, 0)).toBe(least);
  expect(backoffMs(attempts, 0.5)).toBe((least + most) / 2);
  expect(backoffMs(attempts, 0.999_999_9)).toBe(most);
});
