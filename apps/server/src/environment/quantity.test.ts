import { expect, test } from 'vitest';
import { quantityValue, sameQuantity } from './quantity.ts';

test.each([
  ['1', 1],
  ['500m', 0.5],
  ['2Gi', 2_147_483_648],
  ['1.5k', 1_500],
  ['1e3', 1_000],
  ['.5', 0.5],
  ['5.', 5],
])('%s is %d', (text, value) => {
  expect(quantityValue(text)).toBeCloseTo(value);
});

test.each(['', 'm', 'Gi', '1 Gi', 'TCP', '1Kim', '--1', 'x1', '1e'])('%j is no quantity', (text) => {
  expect(quantityValue(text)).toBeUndefined();
});

test.each([
  ['1000m', '1', true],
  ['2048Mi', '2Gi', true],
  ['0.1', '100m', true],
  ['1', '2', false],
  ['1G', '1Gi', false],
  ['0', '0m', true],
  ['a', 'a', false],
])('%s and %s are the same amount: %s', (one, other, expected) => {
  expect(sameQuantity(one, other)).toBe(expected);
});
