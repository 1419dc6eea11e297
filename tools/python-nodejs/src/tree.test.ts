import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mergedLinks, mergedPath, treeFiles } from './tree.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ephemera-tree-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  ['bin/sh', 'usr/bin/sh'],
  ['lib/x86_64-linux-gnu/libc.so.6', 'usr/lib/x86_64-linux-gnu/libc.so.6'],
  ['lib64', 'usr/lib64'],
  ['usr/bin/env', 'usr/bin/env'],
  ['etc/bin/x', 'etc/bin/x'],
])('%s of a package is %s where the folders of the root are links', (path, placed) => {
  expect(mergedPath(path)).toBe(placed);
});

test('every folder that moves is found by a link in its old place', () => {
  const moved = mergedLinks.filter(({ path }) => mergedPath(`${path}/x`) !== `${path}/x`);
  expect(moved.map(({ path, target }) => `${path} -> ${target}`)).toEqual([
    'bin -> usr/bin',
    'sbin -> usr/sbin',
    'lib -> usr/lib',
    'lib64 -> usr/lib64',
  ]);
});

test('folders come before what is in them, permissions and links as they are, and what is left out with all below', () => {
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'doc', 'deep'), { recursive: true });
  writeFileSync(join(root, 'bin', 'tool'), 'content');
  chmodSync(join(root, 'bin', 'tool'), 0o751);
  symlinkSync('/nowhere/at all', join(root, 'bin', 'dangling'));
  writeFileSync(join(root, 'doc', 'deep', 'page'), '');
  const files = treeFiles(root, { leftOut: (path) => path === 'doc', placed: mergedPath });
  expect(files.map(({ path }) => path)).toEqual(['usr/bin', 'usr/bin/dangling', 'usr/bin/tool']);
  expect(files[1]).toMatchObject({ kind: 'symlink', target: '/nowhere/at all' });
  expect(files[2]).toMatchObject({ kind: 'file', mode: 0o751, content: Buffer.from('content') });
});
