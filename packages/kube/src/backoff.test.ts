import { expect, test } from 'vitest';
import { parseRetryAfter, retryDelayMs } from './backoff.ts';

test.each([
  // attempt, Retry-After, random, delay
  [1, undefined, 0.5, 50],
  [2, undefined, 0.5, 100],
  [3, undefined, 0.5, 200],
  [1, undefined, 0, 0],
  [7, undefined, 0.5, 2_500],
  [2_000, undefined, 0.5, 2_500],
  [1, 1_000, 0.999, 1_000],
  [7, 1_000, 0.999, 4_995],
  [1, 0, 0, 0],
])('repeat %i with Retry-After %s and chance %d waits %i ms', (attempt, retryAfterMs, random, delayMs) => {
  expect(retryDelayMs(attempt, retryAfterMs, random)).toBe(delayMs);
});

const noon = new Date('2026-11-21T12:00:00Z');

test.each([
  ['0', 0],
  ['3', 3_000],
  [' 3 ', 3_000],
  ['1.5', 1_500],
  ['-5', 0],
  ['Sat, 21 Nov 2026 12:00:07 GMT', 7_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['3000000', 3_600_000],
  ['1e300', 3_600_000],
  ['Sat, 21 Nov 2099 12:00:00 GMT', 3_600_000],
  ['', undefined],
  ['   ', undefined],
  ['soon', undefined],
  ['NaN', undefined],
  ['Infinity', undefined],
  [undefined, undefined],
])('Retry-After %j is %s ms', (header, ms) => {
  expect(parseRetryAfter(header, noon)).toBe(ms);
});
