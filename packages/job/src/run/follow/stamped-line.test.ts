import { expect, test } from 'vitest';
import { readStamp } from './stamped-line.ts';

const second = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;

test.each([
  ['2026-01-02T03:04:05.123456789Z a line', { second, nanosecond: 123_456_789, text: 'a line' }],
  ['2026-01-02T03:04:05.12Z a line', { second, nanosecond: 120_000_000, text: 'a line' }],
  ['2026-01-02T03:04:05Z a line', { second, nanosecond: 0, text: 'a line' }],
  ['2026-01-02T05:04:05.000000001+02:00 elsewhere', { second, nanosecond: 1, text: 'elsewhere' }],
  ['2026-01-02T03:04:05Z ', { second, nanosecond: 0, text: '' }],
  ['2026-01-02T03:04:05Z', { second, nanosecond: 0, text: '' }],
  ['2026-01-02T03:04:05Z  2026-01-01T00:00:00Z two', { second, nanosecond: 0, text: ' 2026-01-01T00:00:00Z two' }],
])('%j', (line, stamped) => {
  expect(readStamp(line)).toEqual(stamped);
});

test.each(['no stamp', '', '2026-01-02 03:04:05 a', '2026-99-99T99:99:99Z a', '2026-01-02T03:04:05Zglued'])(
  '%j has no stamp',
  (line) => {
    expect(readStamp(line)).toBeUndefined();
  },
);
