import { expect, test } from 'vitest';
import { changesAtOnce, createLimiter, createSlots } from './limits.ts';

test('as many as the limit go at once, and as many again over the next minute', () => {
  let now = 0;
  const limiter = createLimiter(60, () => now);
  for (let count = 1; count <= 60; count += 1) expect(limiter.take('a')).toBeUndefined();
  expect(limiter.take('a')).toBe(1);
  now = 999;
  expect(limiter.take('a')).toBe(1);
  now = 1_000;
  expect(limiter.take('a')).toBeUndefined();
  expect(limiter.take('a')).toBe(1);
  now = 600_000;
  for (let count = 1; count <= 60; count += 1) expect(limiter.take('a')).toBeUndefined();
  expect(limiter.take('a')).toBe(1);
});

test('who waits for as long as it is told may go on', () => {
  let now = 0;
  const limiter = createLimiter(1, () => now);
  expect(limiter.take('a')).toBeUndefined();
  now = 17_500;
  const seconds = limiter.take('a') ?? 0;
  expect(seconds).toBe(43);
  now += seconds * 1000;
  expect(limiter.take('a')).toBeUndefined();
});

test('one caller does not use up what another has', () => {
  const limiter = createLimiter(1, () => 0);
  expect(limiter.take('a')).toBeUndefined();
  expect(limiter.take('a')).toBe(60);
  expect(limiter.take('b')).toBeUndefined();
});

test('of very many callers those that asked longest ago are forgotten, and those that ask still are not', () => {
  const limiter = createLimiter(1, () => 0);
  expect(limiter.take('old')).toBeUndefined();
  expect(limiter.take('busy')).toBeUndefined();
  for (let number = 0; number < 9_999; number += 1) {
    limiter.take(`caller-${number}`);
    if (number % 1_000 === 0) expect(limiter.take('busy')).toBe(60);
  }
  expect(limiter.take('busy')).toBe(60);
  expect(limiter.take('old')).toBeUndefined();
});

test('only so many of one caller, and of all, go on at once; a slot that is given back is free, once', () => {
  const slots = createSlots({ perKey: 2, inAll: 3 });
  const first = slots.take('a');
  expect(first).toBeDefined();
  expect(slots.take('a')).toBeDefined();
  expect(slots.take('a')).toBeUndefined();
  expect(slots.take('b')).toBeDefined();
  expect(slots.take('b')).toBeUndefined();
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  expect(slots.take('a')).toBeDefined();
  expect(slots.take('b')).toBeUndefined();
});

test.each([
  [1, { perKey: 5, inAll: 20 }],
  [60, { perKey: 20, inAll: 60 }],
  [1_000, { perKey: 334, inAll: 1_000 }],
])('of %i changes a minute so many go on at once: %j', (perMinute, atOnce) => {
  expect(changesAtOnce(perMinute)).toEqual(atOnce);
});
