import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './lock.mjs';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ephemera-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('one after the other', async () => {
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise(setImmediate);
    order.push(`${name} ends`);
  };
  await Promise.all([withLock(path, work('a')), withLock(path, work('b'))]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(existsSync(path)).toBe(false);
});

test('is free again after a failure', async () => {
  const failing = withLock(path, () => Promise.reject(new Error('no network')));
  await expect(failing).rejects.toThrow('no network');
  expect(existsSync(path)).toBe(false);
});

test.each([
  // Larger than any process id of Linux.
  ['a process that is gone', { pid: 4_194_999, host: hostname() }, 0],
  ['a process that has stopped touching it', { pid: process.pid, host: 'another machine' }, 60_000],
])('is taken over from %s', async (_whom, holder, ageMs) => {
  writeFileSync(path, JSON.stringify(holder));
  const touched = new Date(Date.now() - ageMs);
  utimesSync(path, touched, touched);
  await expect(withLock(path, () => Promise.resolve('done'))).resolves.toBe('done');
});
