import { expect, test } from 'vitest';
import { isCutFrom } from './create-commands.ts';

const long = 'x'.repeat(5_000);
const many = Array.from({ length: 2_000 }, (_, index) => `${index}`);

test.each([
  ['the same ones', ['npm', 'test'], ['npm', 'test'], true],
  ['another one', ['npm', 'test'], ['npm', 'run'], false],
  ['one more', ['npm', 'test', '--all'], ['npm', 'test'], false],
  ['one less', ['npm'], ['npm', 'test'], false],
  ['one that is told in part', ['sh', '-c', long], ['sh', '-c', 'x'.repeat(4_000), ''].slice(0, 3), false],
  ['one that is cut after 4 KiB', ['sh', '-c', long], ['sh', '-c', 'x'.repeat(4_080)], true],
  ['another one before one that is cut', ['bash', '-c', long], ['sh', '-c', 'x'.repeat(4_080)], false],
  ['one that is cut within a character', ['sh', 'ü'.repeat(3_000)], ['sh', `${'ü'.repeat(2_042)}\u{FFFD}`], true],
  ['many, of which the last are left out', many, [...many.slice(0, 600), '60'], true],
])('of arguments that are compared with %s', (_what, argv, told, isSame) => {
  expect(isCutFrom(argv, told)).toBe(isSame);
});
