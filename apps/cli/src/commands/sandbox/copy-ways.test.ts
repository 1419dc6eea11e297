import { expect, test } from 'vitest';
import { copiedText } from './copy-progress.ts';
import { copyWayOf, keptName, targetOf } from './copy-ways.ts';

test.each([
  ['src', 'box:lib', { direction: 'up', sandbox: 'box', there: 'lib', here: 'src' }],
  ['src', 'sandbox-0123456789:', { direction: 'up', sandbox: 'sandbox-0123456789', there: '.', here: 'src' }],
  ['box:/etc/hosts', '.', { direction: 'down', sandbox: 'box', there: '/etc/hosts', here: '.' }],
  ['box:a:b', 'c', { direction: 'down', sandbox: 'box', there: 'a:b', here: 'c' }],
  ['./a:b', 'box:', { direction: 'up', sandbox: 'box', there: '.', here: './a:b' }],
])('from %s to %s', (from, to, way) => {
  expect(copyWayOf(from, to)).toEqual(way);
});

test.each([
  ['neither', 'a', './b:c', /^Neither path is in a sandbox/],
  ['both', 'one:a', 'two:b', /^Both paths are in sandboxes/],
  ['nothing here', '', 'box:a', /is empty/],
])('a copy with %s is refused', (_what, from, to, message) => {
  expect(() => copyWayOf(from, to)).toThrow(message);
});

test.each([
  ['src', 'lib', true, 'lib/src'],
  ['src/', 'lib', true, 'lib/src'],
  ['src', 'lib', false, 'lib'],
  ['src', 'lib/', false, 'lib/src'],
  ['src/.', 'lib', true, 'lib'],
  ['.', 'lib', true, 'lib'],
  ['..', 'lib/', true, 'lib/'],
  ['/', 'lib', true, 'lib'],
  ['a/b/c.txt', '.', true, './c.txt'],
])('%s to %s, a folder: %s, goes to %s', (from, to, isFolder, target) => {
  expect(targetOf(to, { name: keptName(from), isFolder })).toBe(target);
});

test.each([
  [1, 0, '1 file, 0 B'],
  [12, 999, '12 files, 999 B'],
  [2, 1000, '2 files, 1.0 kB'],
  [0, 3_400_000, '0 files, 3.4 MB'],
  [1, 5e15, '1 file, 5000.0 TB'],
])('%i files of %i bytes are told as %s', (files, bytes, text) => {
  expect(copiedText({ files, bytes })).toBe(text);
});
