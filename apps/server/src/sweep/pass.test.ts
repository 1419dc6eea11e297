import { expect, test } from 'vitest';
import { mostRemovals } from './pass.ts';

test.each([
  [0, 10],
  [10, 10],
  [109, 10],
  [110, 11],
  [1_000, 100],
])('of %i open environments one pass removes at most %i', (open, most) => {
  expect(mostRemovals(open)).toBe(most);
});
