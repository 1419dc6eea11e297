import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nextNumber, returnNumber, takeNumber } from './instances.ts';

test('known names have fixed numbers and the first free one goes to the next', () => {
  expect(nextNumber({})).toBe(2);
  expect(nextNumber({ a: 2, b: 4 })).toBe(3);
});

test('numbers are kept, never shared, and given back', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'numbers-'));
  try {
    expect(await takeNumber(cache, 'default')).toBe(0);
    expect(await takeNumber(cache, 'test')).toBe(1);
    const names = ['a', 'b', 'c', 'a'];
    const [a, b, c, again] = await Promise.all(names.map((name) => takeNumber(cache, name)));
    expect(again).toBe(a);
    expect(new Set([a, b, c])).toEqual(new Set([2, 3, 4]));
    await returnNumber(cache, 'a');
    expect(await takeNumber(cache, 'd')).toBe(a);
  } finally {
    await rm(cache, { recursive: true });
  }
});
