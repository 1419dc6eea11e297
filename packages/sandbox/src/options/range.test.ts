import { expect, test } from 'vitest';
import { isWithin, rangeOf } from './range.ts';

test.each([
  ['10.0.0.0/8', '0.0.0.0/0', true],
  ['10.1.0.0/16', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.0.0.0/9', false],
  ['11.0.0.0/8', '10.0.0.0/8', false],
  ['169.254.169.254/32', '169.254.0.0/16', true],
  ['255.255.255.255/32', '128.0.0.0/1', true],
  ['fd00:ec2::254/128', '::/0', true],
  ['fd00:ec2::254/128', 'fd00::/8', true],
  ['fe80::1/128', 'fe80::/10', true],
  ['fec0::/10', 'fe80::/10', false],
  ['::ffff:169.254.169.254/128', '::ffff:0:0/96', true],
  ['10.0.0.0/8', '::/0', false],
])('%s is in %s: %s', (inner, outer, expected) => {
  const [one, other] = [rangeOf(inner), rangeOf(outer)];
  expect(one && other && isWithin(one, other)).toBe(expected);
});

test.each([
  '',
  '10.0.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0/8',
  '10.0.0.1/8',
  '::/129',
  'x/8',
  '::g/8',
  '1.2.3.4/-1',
  'fe80::1%eth0/128',
  ' ::/0',
])('%j is no range', (text) => {
  expect(rangeOf(text)).toBeUndefined();
});
