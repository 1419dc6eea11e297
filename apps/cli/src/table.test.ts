import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns are as wide as their widest cell', () => {
  expect(
    table(
      ['ID', 'NAME'],
      [
        ['1', 'a'],
        ['200', 'bb'],
      ],
    ),
  ).toBe('ID   NAME\n1    a\n200  bb');
});

test('a title cannot move the cursor, colour the terminal or start a line', () => {
  expect(table(['T'], [['\u001b[2J\u001b]0;owned\u0007red\nline']])).toBe('T\nred line');
});
