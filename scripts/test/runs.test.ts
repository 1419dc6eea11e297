import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { joinRuns } from './runs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ephemera-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the run that brought the cluster up and leaves last takes it down', () => {
  const run = joinRuns(folder);
  run.broughtUp();
  expect(run.leave()).toBe('last');
  expect(readdirSync(folder)).toEqual([]);
});

test('a cluster that was up before stays', () => {
  expect(joinRuns(folder).leave()).toBe('not ours');
});

test('while another run lives the cluster stays, for that one to take down', () => {
  const run = joinRuns(folder);
  run.broughtUp();
  writeFileSync(join(folder, String(process.ppid)), '');
  expect(run.leave()).toBe('others');
  expect(readdirSync(folder)).toContain('brought-up-by-tests');
});

test('runs that were killed do not count, and what they brought up is taken down', () => {
  mkdirSync(folder, { recursive: true });
  // Larger than any process id of Linux.
  writeFileSync(join(folder, '4194999'), '');
  writeFileSync(join(folder, 'brought-up-by-tests'), '');
  expect(joinRuns(folder).leave()).toBe('last');
});
