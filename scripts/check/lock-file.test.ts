import { expect, test } from 'vitest';
import { lockProblems } from './lock-file.ts';

const lock = (packages: object) => JSON.stringify({ packages });

test('a lock file that names no registry and every platform is fine', () => {
  const packages = {
    'packages/a': { version: '1.0.0' },
    'node_modules/a': { resolved: 'packages/a', link: true },
    'node_modules/tool': { version: '1.0.0', optionalDependencies: { '@tool/linux': '1.0.0', nested: '1.0.0' } },
    'node_modules/@tool/linux': { version: '1.0.0' },
    'node_modules/tool/node_modules/nested': { version: '1.0.0' },
  };
  expect(lockProblems(lock(packages))).toEqual([]);
});

test('addresses of a registry are counted', () => {
  const packages = {
    'node_modules/a': { resolved: 'https://example.test/a.tgz' },
    'node_modules/b': { resolved: 'http://example.test/b.tgz' },
  };
  expect(lockProblems(lock(packages))).toEqual([expect.stringContaining('node_modules/a (and 1 more)')]);
});

test('a platform package without an entry is found', () => {
  expect(lockProblems(lock({ 'node_modules/tool': { optionalDependencies: { '@tool/mac': '1.0.0' } } }))).toEqual([
    expect.stringContaining('@tool/mac has no entry'),
  ]);
});
