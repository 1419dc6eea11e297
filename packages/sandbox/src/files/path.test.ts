import { expect, test } from 'vitest';
import { FileProblem } from '../errors.ts';
import { fromBytes, parentOf, pathBytes, shownPath, toBytes } from './path.ts';

test.each([
  ['empty', ''],
  ['with a NUL', 'a\0b'],
  ['with a name of 256 bytes', `a/${'n'.repeat(256)}/b`],
  ['with half of a surrogate pair', 'a\ud800'],
  ['of 4,096 bytes', 'a/'.repeat(2_048)],
])('a path %s is refused with its kind', (_, path) => {
  expect(() => pathBytes(path)).toThrow(FileProblem);
  expect(() => pathBytes(path)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ kind: 'name' }) }),
  );
});

test.each(['a', '-rf', '../up', '/etc/passwd', `${'n'.repeat(255)}/${'n'.repeat(255)}`, 'a\nb', 'ü'.repeat(127)])(
  'a path %j goes to the runner as it is',
  (path) => {
    expect(Buffer.from(pathBytes(path)).toString()).toBe(path);
  },
);

test('a path of bytes that are no UTF-8 keeps every byte', () => {
  const all = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
  expect(pathBytes(all)).toEqual(all);
  expect(Uint8Array.from(toBytes(fromBytes(all)))).toEqual(all);
});

test('a path is shown on one line, without what a terminal obeys, and cut', () => {
  expect(shownPath('a\r\n\x1b[31m\u009b\u202eb')).toBe('a\\u000d\\u000a\\u001b[31m\\u009b\\u202eb');
  expect(shownPath(Buffer.from([0x61, 0xff]))).toBe('a\ufffd');
  expect(shownPath('x'.repeat(5_000))).toHaveLength(201);
});

test('the folder of a path is the part before the last slash', () => {
  expect(['a', 'a/b', 'a/b/c', '/a'].map(parentOf)).toEqual(['', 'a', 'a/b', '']);
});
