import { expect, test } from 'vitest';
import { leadsOut } from './leads-out.ts';
import type { TreeEntry } from './tree-entry.ts';

function treeOf(links: Readonly<Record<string, string>>): ReadonlyMap<string, TreeEntry> {
  return new Map(
    Object.entries(links).map(([path, target]) => [path, { path, kind: 'link', size: 0, mode: 0o777, target }]),
  );
}

test.each([
  // the link   leads to                 other links of the tree            out?
  ['a', 'b', {}, false],
  ['a', '.', {}, false],
  ['a', '..', {}, true],
  ['d/a', '..', {}, false],
  ['d/a', '../..', {}, true],
  ['d/a', '../e/../../f', {}, true],
  ['a', '/etc/passwd', {}, true],
  ['a', '/', {}, true],
  ['a', './/b//./c', {}, false],
  ['a', 'nothing/../b', {}, false],
  ['a', 'nothing/../../b', {}, true],
  // By its text it stays inside; by the way that the kernel takes it does not.
  ['a', 'x/y/up/../secret', { 'x/y/up': '../..' }, true],
  ['a', 'x/y/up/secret', { 'x/y/up': '../..' }, false],
  // By its text it leads out; the link on the way leads deeper.
  ['a', 'deep/../../b', { deep: 'x/y/z' }, false],
  ['a', 'other/b', { other: '/etc' }, true],
  ['a', 'a', {}, false],
  ['a', 'b/..', { b: 'a' }, false],
  ['a', 'loop/x', { loop: 'loop2', loop2: 'loop' }, false],
])('a link %s to %s with %j leads out: %s', (path, target, others, out) => {
  const tree = treeOf({ [path]: target, ...others });
  expect(leadsOut({ path, kind: 'link', size: 0, mode: 0o777, target }, tree)).toBe(out);
});

test('a target of thousands of names is refused instead of followed for hours', () => {
  const target = 'x/../'.repeat(800);
  expect(leadsOut({ path: 'a', kind: 'link', size: 0, mode: 0o777, target }, treeOf({ a: target }))).toBe(true);
});
