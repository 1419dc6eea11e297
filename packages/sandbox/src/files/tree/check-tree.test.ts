import { expect, test } from 'vitest';
import { TransferRefused } from '../../errors.ts';
import { checkTree } from './check-tree.ts';
import type { TreeEntry } from './tree-entry.ts';

function entryOf(path: string, kind: TreeEntry['kind'] = 'file', target = ''): TreeEntry {
  return { path, kind, size: 0, mode: 0o644, target };
}

function refusedOf(...entries: TreeEntry[]): unknown {
  try {
    checkTree('here', entries);
    return [];
  } catch (error) {
    if (error instanceof TransferRefused) return error.details['refused'];
    throw error;
  }
}

test.each([
  '../x',
  '../../x',
  '/etc/passwd',
  '',
  '.',
  '..',
  'a/../b',
  'a//b',
  'a/',
  './a',
  'a/.',
  'a\0b',
  'n'.repeat(256),
])('a listed name %j is refused', (path) => {
  expect(refusedOf(entryOf('a', 'folder'), entryOf(path))).toHaveLength(1);
});

test.each(['-rf', ' ', 'a\nb', '\xff\xfe', '...', '.a', 'a\\b', '~', '*', 'n'.repeat(255)])(
  'a name that is only odd is no reason to refuse it: %j',
  (path) => {
    expect(refusedOf(entryOf(path))).toEqual([]);
  },
);

test('a path that is listed twice is refused, as the second one would be written through the first', () => {
  expect(refusedOf(entryOf('a', 'link', 'b'), entryOf('b', 'folder'), entryOf('a', 'folder'), entryOf('a/x'))).toEqual([
    { path: 'a', problem: 'is listed twice' },
    { path: 'a/x', problem: 'is below what is not listed as a folder' },
  ]);
});

test('a file below a file, or below nothing, is refused', () => {
  expect(refusedOf(entryOf('f'), entryOf('f/x'), entryOf('g/x'))).toHaveLength(2);
});

test('every thing that cannot be copied is named at once, on one line and without control characters', () => {
  const error = (() => {
    try {
      checkTree('here', [
        entryOf('pipe', 'other'),
        entryOf('evil\n\x1b[2J', 'link', '../../etc'),
        entryOf('abs', 'link', '/etc/passwd'),
      ]);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(TransferRefused);
  expect(error).toMatchObject({
    code: 'sandbox.transfer_refused',
    message:
      'here is not copied: pipe is a device, pipe or socket; evil\\u000a\\u001b[2J is a link to ../../etc, out of the folder; ' +
      'abs is a link to /etc/passwd, out of the folder.',
  });
});

test('a folder of very many links of many names each is refused instead of followed for minutes', () => {
  const target = 'x/../'.repeat(200);
  const links = Array.from({ length: 6_000 }, (_, index) => entryOf(`l${index}`, 'link', target));
  expect(refusedOf(...links.slice(0, 1_000))).toEqual([]);
  expect(refusedOf(...links)).toHaveLength(100);
});
