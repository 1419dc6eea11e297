import { expect, test } from 'vitest';
import { isRange, liesIn } from './ranges.ts';

test.each([
  ['10.0.0.0/8', true],
  ['2001:db8::/32', true],
  ['10.0.0.0', false],
  ['10.0.0.0/33', false],
  ['10.0.0/8', false],
  ['2001:db8::/129', false],
  ['example.org/8', false],
  ['10.0.0.0/8; drop', false],
])('%s is an address range: %s', (text, is) => {
  expect(isRange(text)).toBe(is);
});

test.each([
  ['10.1.0.0/16', ['10.0.0.0/8'], true],
  ['10.0.0.0/8', ['10.0.0.0/8'], true],
  ['10.0.0.0/7', ['10.0.0.0/8'], false],
  ['0.0.0.0/0', ['10.0.0.0/8', '192.168.0.0/16'], false],
  ['192.168.7.0/24', ['10.0.0.0/8', '192.168.0.0/16'], true],
  ['11.0.0.0/8', ['10.0.0.0/8'], false],
  ['2001:db8:1::/48', ['2001:db8::/32'], true],
  // Another way to write 10.0.0.0/8, which the cluster would not hold against a rule for IPv4.
  ['::ffff:10.0.0.0/104', ['10.0.0.0/8'], false],
  ['10.0.0.0/8', [], false],
  ['anything', ['0.0.0.0/0'], false],
])('%s lies in %j: %s', (range, allowed, is) => {
  expect(liesIn(range, allowed)).toBe(is);
});
