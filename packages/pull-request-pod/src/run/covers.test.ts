import { expect, test } from 'vitest';
import { covers } from './covers.ts';

test.each([
  ['the same', { a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }, true],
  ['more than is wanted, as defaults are', { a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }, true],
  ['more in an element of a list', [{ a: 1, b: 2 }], [{ a: 1 }], true],
  ['another value', { a: 1 }, { a: 2 }, false],
  ['a field less', { a: {} }, { a: { b: 1 } }, false],
  ['an element more', [1, 2], [1], false],
  ['an element less', [1], [1, 2], false],
  ['another order', [2, 1], [1, 2], false],
  ['nothing', undefined, { a: 1 }, false],
  ['null', null, {}, false],
  ['a list for an object', [], {}, false],
  ['an object for a list', {}, [], false],
  ['what is not wanted at all', { a: 1 }, { b: undefined }, true],
])('%s', (_what, present, wanted, expected) => {
  expect(covers(present, wanted)).toBe(expected);
});
