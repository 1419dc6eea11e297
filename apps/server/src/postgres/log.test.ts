import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { openLog } from './log.ts';

const test = base.extend<{ folder: string; path: string }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'ephemera-log-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  path: async ({ folder }, use) => use(join(folder, 'postgres.log')),
});

test('only what was said since the launch is told, and the file keeps the rest', ({ path }) => {
  writeFileSync(path, 'of yesterday\n');
  const log = openLog(path);
  writeSync(log.descriptor, 'of today\n');
  log.close();
  expect(log.said()).toBe('of today\n');
  expect(readFileSync(path, 'utf8')).toBe('of yesterday\nof today\n');
});

test('of a launch that said much the end is told', ({ path }) => {
  const log = openLog(path);
  writeSync(log.descriptor, `${'x'.repeat(1_000_000)}the reason`);
  log.close();
  expect(log.said()).toHaveLength(64 * 1024);
  expect(log.said()).toMatch(/the reason$/);
});

test('a long log is put aside at the next launch, and one old one is kept', ({ folder, path }) => {
  writeFileSync(`${path}.1`, 'the oldest');
  writeFileSync(path, '');
  truncateSync(path, 9 * 1024 * 1024);
  const log = openLog(path);
  writeSync(log.descriptor, 'new');
  log.close();
  expect(log.said()).toBe('new');
  expect(readdirSync(folder).toSorted()).toEqual(['postgres.log', 'postgres.log.1']);
  expect(statSync(`${path}.1`).size).toBe(9 * 1024 * 1024);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
