import { expect, test } from 'vitest';
import { tracesIn } from './traces.ts';

const traces = [{ text: 'packages.example.test', what: 'the host of a package registry' }];

test('finds the line that holds a trace', () => {
  const files = [{ path: 'README.md', text: 'one\nfrom https://packages.example.test/x\n' }];
  expect(tracesIn(files, traces)).toEqual([
    'README.md:2 holds the host of a package registry: from https://packages.example.test/x',
  ]);
});

test('finds home folders, and leaves addresses and relative paths alone', () => {
  const home = ['', 'home', 'somebody', 'x'].join('/');
  const files = [{ path: 'a.ts', text: `${home}\nhttps://example.test${home}\n./src${home}` }];
  expect(tracesIn(files, [])).toEqual([expect.stringContaining('a.ts:1 holds')]);
});
