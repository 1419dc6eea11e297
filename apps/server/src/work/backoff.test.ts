import { defineError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { backoffMs, laterAfter } from './backoff.ts';

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

const Limited = defineError<{ retryAfterMs: number }>({
  code: 'test.limited',
  retryable: true,
  message: () => 'not now',
});

test('a wait that was asked for is never shortened, is spread a little, and is no failed attempt', () => {
  const error = new Limited({ retryAfterMs: 7_000 });
  expect(laterAfter(error, 9, 0)).toEqual({ error: 'not now', asked: true, afterMs: 7_000 });
  expect(laterAfter(error, 9, 0.99).afterMs).toBeLessThanOrEqual(7_700);
});

test('who asks for no wait at all is still not asked without a pause', () => {
  expect(laterAfter(new Limited({ retryAfterMs: 0 }), 0, 0).afterMs).toBe(500);
});

test('any other failure waits longer with every attempt', () => {
  expect(laterAfter(new Error('broken'), 3, 0)).toEqual({ error: 'broken', afterMs: backoffMs(3, 0) });
});
