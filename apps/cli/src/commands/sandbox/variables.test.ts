import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { variableOf, variablesOf } from './variables.ts';

test('a name alone takes the value that it has here, and a name with = what follows the first =', () => {
  const environment = { TOKEN: 's3cret', EMPTY: '' };
  expect(variableOf('TOKEN', environment)).toEqual(['TOKEN', 's3cret']);
  expect(variableOf('EMPTY', environment)).toEqual(['EMPTY', '']);
  expect(variableOf('A=b=c', environment)).toEqual(['A', 'b=c']);
  expect(variableOf('A=', environment)).toEqual(['A', '']);
});

test.each([
  ['a name that is set nowhere', 'NOWHERE', /"NOWHERE".*there is none here/],
  ['no name', '=secret', /^--env has no name before its =\.$/],
])('%s is refused', (_what, word, message) => {
  expect(() => variableOf(word, {})).toThrow(message);
});

test('the last word about a name counts, and --env wins over files', () => {
  using folder = temporaryFolder('variables');
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const envFile = [file('a', 'ONE=1\nTWO="two words"\nKUBECONFIG_PATH=./own\n'), file('b', '# later\nONE=11\n')];
  expect(variablesOf({ envFile, env: ['TWO=2', 'TWO=22'] }, {})).toEqual({
    ONE: '11',
    TWO: '22',
    // A setting of ours that is a path stays as it is written: it is not for us.
    KUBECONFIG_PATH: './own',
  });
});

test('without a flag nothing is said about variables, so that a sandbox keeps those that it has', () => {
  expect(variablesOf({}, { HOME: '/root' })).toBeUndefined();
});

test('a file that is not understood, or is not there, is named with the line, and never with what stands in it', () => {
  using folder = temporaryFolder('variables');
  const path = join(folder.path, 'env');
  writeFileSync(path, 'A=1\nswordfish\n');
  const read = (file: string) => () => variablesOf({ envFile: [file] }, {});
  expect(read(path)).toThrow(`${path} cannot be used: line 2 is no NAME=value.`);
  expect(read(join(folder.path, 'none'))).toThrow('there is no such file (ENOENT)');
  expect(read('TOKEN=swordfish\nB=2')).toThrow(/^The value of --env-file cannot be read/);
});
