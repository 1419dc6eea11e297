import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNestedDeeper } from './nesting.ts';

const nested = (text: string, deepest: number) => isNestedDeeper(Buffer.from(text), deepest);

test.each([
  ['{}', 0, true],
  ['{}', 1, false],
  ['[[]]', 1, true],
  ['[[],[],{}]', 2, false],
  ['{"a":{"b":[1]}}', 2, true],
  ['{"a":{"b":[1]}}', 3, false],
  // Brackets of text are no nesting, whatever is escaped around them.
  ['["[[[[", "\\"[[", "\\\\"]', 1, false],
  ['["\\\\", [[]]]', 2, true],
  ['', 0, false],
  ['[[[', 2, true],
])('%s is nested deeper than %i: %s', (text, deepest, expected) => {
  expect(nested(text, deepest)).toBe(expected);
});

test('it agrees with the depth of whatever is written as JSON', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      expect(nested(text, depthOf(value))).toBe(false);
      if (depthOf(value) > 0) expect(nested(text, depthOf(value) - 1)).toBe(true);
    }),
  );
});
