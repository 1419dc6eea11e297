import { expect, test } from 'vitest';
import { lastLines } from './last-lines.ts';

test('keeps the last 20 lines of each container, cut to 1000 characters', () => {
  const tails = lastLines();
  for (let line = 0; line < 25; line += 1) tails.add('p', 'main', `line ${line}`);
  tails.add('p', 'other', 'x'.repeat(5_000));
  expect(tails.of('p', 'main')).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 5}`));
  expect(tails.of('p', 'other')[0]).toHaveLength(1_000);
  expect(tails.of('p', 'none')).toEqual([]);
});

test('of many containers it keeps those that wrote last', () => {
  const tails = lastLines();
  for (let pod = 0; pod < 100; pod += 1) tails.add(`p${pod}`, 'main', 'a');
  tails.add('p0', 'main', 'b');
  tails.add('p100', 'main', 'c');
  expect(tails.of('p0', 'main')).toEqual(['a', 'b']);
  expect(tails.of('p1', 'main')).toEqual([]);
});
