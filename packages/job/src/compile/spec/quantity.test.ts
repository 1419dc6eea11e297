import { expect, test } from 'vitest';
import { hasFractionOfUnit, quantityOf, quantityPattern } from './quantity.ts';

test.each([
  ['1000m', '1'],
  ['1Gi', '1024Mi'],
  ['1.5Gi', '1536Mi'],
  ['1k', '1000'],
  ['1e3', '1k'],
  ['1E3', '1000'],
  ['1E', '1000P'],
  ['.5', '500m'],
  ['5.', '5'],
  ['+1', '1'],
  ['100000000n', '100m'],
  ['0', '0Gi'],
])('%s is %s', (a, b) => {
  expect(quantityOf(a)).toBe(quantityOf(b));
  expect(quantityOf(a)).toBeDefined();
  expect(a).toMatch(new RegExp(quantityPattern));
});

test.each([
  ['100m', '101m'],
  ['1G', '1Gi'],
  ['0.1', '0.10000000000000000001'],
  ['999Ti', '1Ei'],
])('%s is less than %s', (a, b) => {
  expect(quantityOf(a) ?? 0n).toBeLessThan(quantityOf(b) ?? 0n);
});

test.each([
  '',
  ' 1',
  '1 Gi',
  '1gb',
  '1KI',
  '1K',
  '-1',
  'e3',
  '1e',
  '1e1000',
  '0x10',
  '1.2.3',
  '.',
  '1Mi5',
  '1'.repeat(41),
  'Infinity',
])('%j is not a quantity', (text) => {
  expect(quantityOf(text)).toBeUndefined();
  if (text.length <= 40) expect(text).not.toMatch(new RegExp(quantityPattern));
});

test.each([
  ['100m', true],
  ['1.5', true],
  ['1000m', false],
  ['1.5Gi', false],
  ['256Mi', false],
])('%s has a fraction of its unit: %s', (text, has) => {
  expect(hasFractionOfUnit(text)).toBe(has);
});
