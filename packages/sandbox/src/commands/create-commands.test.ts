import { expect, test } from 'vitest';
import { toldOf } from './create-commands.ts';

const many = Array.from({ length: 2_000 }, (_, index) => `${index}`);

test.each([
  ['short ones', ['npm', '', 'tęst'], ['npm', '', 'tęst']],
  ['a long one', ['sh', '-c', 'x'.repeat(5_000), 'more'], ['sh', '-c', 'x'.repeat(4_080)]],
  ['one that is cut within a character', ['sh', 'ü'.repeat(3_000)], ['sh', 'ü'.repeat(2_043)]],
  ['one that is cut within another', ['bash', 'a', 'ü'.repeat(3_000)], ['bash', 'a', `${'ü'.repeat(2_039)}\u{FFFD}`]],
  ['many', many, [...many.slice(0, 600), '60']],
])('of arguments the first 4 KiB are told: of %s', (_what, argv, told) => {
  expect(toldOf(argv)).toEqual(told);
});
