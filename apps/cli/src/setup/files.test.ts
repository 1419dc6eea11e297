import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { problemOf } from '../env-file.ts';
import { planFiles, putBeside, settingsText, writeFiles } from './files.ts';

test('settings and key are written for their owner only, with nothing beside them', async () => {
  using folder = temporaryFolder('setup');
  const files = planFiles(join(folder.path, 'ephemera.env'), false);
  await writeFiles(files, { settings: 'A=1\n', key: 'pem' }, false);
  expect(readdirSync(folder.path).toSorted()).toEqual(['ephemera.env', 'ephemera.private-key.pem']);
  for (const path of [files.settings, files.key]) expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each(['ephemera.env', 'ephemera.private-key.pem'])(
  'a file that exists (%s) is refused beforehand and never replaced, unless it is asked for',
  async (name) => {
    using folder = temporaryFolder('setup');
    const out = join(folder.path, 'ephemera.env');
    const files = planFiles(out, false);
    writeFileSync(join(folder.path, name), 'precious');
    expect(() => planFiles(out, false)).toThrow(name);
    // It may also appear while the person is on GitHub.
    await expect(writeFiles(files, { settings: 'A=1\n', key: 'pem' }, false)).rejects.toThrow('EEXIST');
    expect(readFileSync(join(folder.path, name), 'utf8')).toBe('precious');

    await writeFiles(planFiles(out, true), { settings: 'A=1\n', key: 'pem' }, true);
    expect(readFileSync(files.settings, 'utf8')).toBe('A=1\n');
    expect(readFileSync(files.key, 'utf8')).toBe('pem');
    expect(readdirSync(folder.path)).toHaveLength(2);
  },
);

test('on a file system without links a file is written all the same, and none is replaced', async () => {
  using folder = temporaryFolder('setup');
  const [unfinished, path] = [join(folder.path, 'unfinished'), join(folder.path, 'ephemera.env')];
  writeFileSync(unfinished, 'A=1\n');
  const noLinks = async () => Promise.reject(Object.assign(new Error('not permitted'), { code: 'EPERM' }));
  await putBeside(unfinished, path, 'A=1\n', noLinks);
  expect(readFileSync(path, 'utf8')).toBe('A=1\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await expect(putBeside(unfinished, path, 'A=2\n', noLinks)).rejects.toThrow('EEXIST');
  expect(readFileSync(path, 'utf8')).toBe('A=1\n');
});

test('a folder that is not there is refused before anything is made on GitHub', () => {
  using folder = temporaryFolder('setup');
  expect(() => planFiles(join(folder.path, 'none', 'ephemera.env'), false)).toThrow('cannot be written');
  mkdirSync(join(folder.path, 'none'));
  expect(existsSync(planFiles(join(folder.path, 'none', 'ephemera.env'), false).settings)).toBe(false);
});

test.each(['plain-1.2/3', 'a b # c', `it's`, `"quoted" it's`])('the value %j is read again as it was', (value) => {
  const text = settingsText({ SECRET: value, LEFT_OUT: undefined });
  expect(problemOf(text)).toBeUndefined();
  expect(parseEnv(text)).toEqual({ SECRET: value });
});
