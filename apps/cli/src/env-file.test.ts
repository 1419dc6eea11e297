import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { problemOf, withEnvFile } from './env-file.ts';

function fileOf(folder: string, text: string): string {
  const path = join(folder, 'ephemera.env');
  writeFileSync(path, text);
  return path;
}

test('a variable that is set wins over the settings file, an empty one does not', () => {
  using folder = temporaryFolder('env-file');
  const path = fileOf(folder.path, 'PORT=1\nHOST=127.0.0.2 # why\nexport BASE_DOMAIN="a.example"\n');
  expect(withEnvFile({ PORT: '2', HOST: '' }, path)).toMatchObject({
    PORT: '2',
    HOST: '127.0.0.2',
    BASE_DOMAIN: 'a.example',
  });
});

test('a relative path in the settings file is relative to the file, and an absolute one or one of the home folder stays', () => {
  using folder = temporaryFolder('env-file');
  const path = fileOf(
    folder.path,
    'GITHUB_APP_PRIVATE_KEY_PATH=./key.pem\nKUBECONFIG_PATH=~/.kube/config\nDATA_DIR=/srv/data\n',
  );
  expect(withEnvFile({}, path)).toEqual({
    GITHUB_APP_PRIVATE_KEY_PATH: join(folder.path, 'key.pem'),
    KUBECONFIG_PATH: '~/.kube/config',
    DATA_DIR: '/srv/data',
  });
});

test('without a settings file the environment stays as it is', () => {
  const environment = { PORT: '1' };
  expect(withEnvFile(environment, undefined)).toBe(environment);
});

test('a settings file that is missing is refused with its path', () => {
  expect(() => withEnvFile({}, '/no/such.env')).toThrow('/no/such.env');
});

test.each([
  ['A=1\nsecret-without-a-name\n', 'line 2 is no NAME=value'],
  ['A="begun\nB=2\n', 'the " of line 1 is never closed'],
  ['1A=2', 'line 1 is no NAME=value'],
  ['# a comment\n\nA="two\nlines"\nB=\nexport C=\'x\'\r\n', undefined],
])('the settings file %j: %s', (text, problem) => {
  expect(problemOf(text)).toBe(problem);
});
