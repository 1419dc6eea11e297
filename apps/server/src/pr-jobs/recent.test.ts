import { expect, test } from 'vitest';
import { createRecent } from './recent.ts';

test('what was done is recent until its time is over, and again when it is done again', () => {
  let now = 0;
  const recent = createRecent(1_000, () => now);
  expect(recent.has('a')).toBe(false);
  recent.add('a');
  now = 999;
  expect([recent.has('a'), recent.has('b')]).toEqual([true, false]);
  now = 1_000;
  expect(recent.has('a')).toBe(false);
  recent.add('a');
  now = 1_999;
  expect(recent.has('a')).toBe(true);
});

test('of more than can be kept the oldest is dropped', () => {
  const recent = createRecent(1_000, () => 0);
  recent.add('first');
  recent.add('second');
  recent.add('first');
  for (let number = 0; number < 9_999; number += 1) recent.add(String(number));
  expect([recent.has('first'), recent.has('second'), recent.has('9998')]).toEqual([true, false, true]);
});
