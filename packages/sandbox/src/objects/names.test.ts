import { expect, test } from 'vitest';
import { idOf, idOfName, isSandboxId } from './names.ts';

test('an id is sandbox- and ten hexadecimal digits, made of random bytes or of a name', () => {
  const nobody = { instance: undefined, owner: undefined };
  for (const id of [idOf(Uint8Array.of(0, 1, 254, 255, 16)), idOfName('build', nobody)])
    expect(id).toMatch(/^sandbox-[0-9a-f]{10}$/);
  expect(idOf(Uint8Array.of(0, 1, 254, 255, 16))).toBe('sandbox-0001feff10');
});

test('one name is one sandbox for each server and each account of it', () => {
  const spaces = [
    { instance: undefined, owner: undefined },
    { instance: 'a', owner: undefined },
    { instance: 'a', owner: 'alice' },
    { instance: 'a', owner: 'bob' },
    { instance: 'aa', owner: 'lice' },
  ];
  expect(new Set(spaces.map((space) => idOfName('build', space))).size).toBe(spaces.length);
  expect(idOfName('build', { instance: 'a', owner: 'bob' })).toBe(idOfName('build', { instance: 'a', owner: 'bob' }));
});

test.each([
  '',
  'sandbox-',
  'sandbox-0123',
  'sandbox-012345678Z',
  'sandbox-0123456789\n',
  '../sandbox-0123456789',
  'job-0123456789',
])('%j is no id', (text) => {
  expect(isSandboxId(text)).toBe(false);
});
