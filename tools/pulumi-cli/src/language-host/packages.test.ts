import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installedPackages, pulumiPlugins } from './packages.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ephemera-packages-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, content: object): void {
  mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, path, 'package.json'), JSON.stringify(content));
}

test('the direct dependencies that are installed are found, and among them the SDKs with their plugins', () => {
  const dependencies = { '@pulumi/kubernetes': '^4', plain: '1', missing: '1' };
  put('.', { name: 'program', dependencies, devDependencies: { renamed: '*' } });
  put('node_modules/@pulumi/kubernetes', { name: '@pulumi/kubernetes', version: '4.1.0', pulumi: { resource: true } });
  put('node_modules/plain', { name: 'plain', version: '1.0.0' });
  const pulumi = { resource: true, name: 'other', version: '2.0.0' };
  put('node_modules/renamed', { name: 'renamed', version: '3.0.0', pulumi });
  put('node_modules/stranger', { name: 'stranger', version: '9.0.0', pulumi });

  expect(installedPackages(folder).map(({ name }) => name)).toEqual(['@pulumi/kubernetes', 'plain', 'renamed']);
  expect(pulumiPlugins(folder)).toEqual([
    { name: 'kubernetes', version: '4.1.0' },
    { name: 'other', version: '2.0.0' },
  ]);
});

test('a program without a package.json has no dependencies', () => {
  expect(installedPackages(folder)).toEqual([]);
});
