import { expect, test } from 'vitest';
import { subcommands } from './commands.ts';

test('the commands below are those under COMMANDS', () => {
  const help =
    'USAGE\n  x a|b\n\nFLAGS\n  -h --help  Print\n\nCOMMANDS\n  up           Start it\n  fake-github  A GitHub\n';
  expect(subcommands(help)).toEqual(['up', 'fake-github']);
  expect(subcommands('USAGE\n  x up\n')).toEqual([]);
});
