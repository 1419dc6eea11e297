import { expect, test } from 'vitest';
import { percentile, table } from './figures.ts';

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect([50, 95, 99, 100].map((percent) => percentile(values, percent))).toEqual([50, 95, 99, 100]);
  expect(percentile([7], 99)).toBe(7);
});

test('the table shows value, ratio, goal, and whether it is met', () => {
  const text = table([
    { name: 'webhook', value: 251.234, unit: 'ms', goal: '≤ 250 ms', ok: false },
    { name: 'total', value: 4.5, unit: 's', ratio: 2, goal: '≤ 3 × raw', ok: true },
  ]);
  expect(text.split('\n')).toEqual([
    '| what    | value | unit | ratio | goal      | ok  |',
    '| ------- | ----- | ---- | ----- | --------- | --- |',
    '| webhook | 251   | ms   |       | ≤ 250 ms  | NO  |',
    '| total   | 4.5   | s    | 2     | ≤ 3 × raw | yes |',
  ]);
});
