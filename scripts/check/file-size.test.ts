import { expect, test } from 'vitest';
import { tooLong } from './file-size.ts';

test.each([
  [300, 0, 0],
  [301, 0, 1],
  [500, 0, 1],
  [501, 1, 0],
])('%i lines make %i problems and %i notes', (lines, problems, notes) => {
  const found = tooLong([{ path: 'a.ts', text: 'x\n'.repeat(lines) }]);
  expect([found.problems.length, found.notes.length]).toEqual([problems, notes]);
});
