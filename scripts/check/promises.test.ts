import { expect, test } from 'vitest';
import { contractProblems, promisesOf } from './promises.ts';

const tests = [
  {
    path: 'apps/server/test/health.journey.test.ts',
    text: [
      `test('answers health', async () => {});`,
      `test.each([[1]])("it's %s | more", () => {});`,
      `describe('a group', () => {});`,
      `test.skip('not run', () => {});`,
    ].join('\n'),
  },
];
const table = (...rows: string[]) =>
  ['# Contract', '', '| Promise | Shown by |', '| --- | --- |', ...rows, ''].join('\n');
const page = (...rows: string[]) => ({ path: 'docs/contract.md', text: table(...rows) });

test.each([
  ['| `GET /health` is 200 | test: `answers health` |'],
  ["| a title with marks | test: `it's %s \\| more` |"],
  ['| two tests | test: `answers health`<br>test: `answers health` in the server |'],
  ['| a plan | later: no dashboard yet |'],
])('accepts the row %j', (row) => {
  expect(contractProblems(page(row), tests)).toEqual([]);
});

test.each([
  ['| x | test: `no such test` |', 'no test is called "no such test"'],
  ['| x | test: `a group` |', 'no test is called "a group"'],
  ['| x | test: `not run` |', 'no test is called "not run"'],
  ['| x | |', 'neither'],
  ['| x | later: |', 'neither'],
  ['| x | obvious |', 'neither'],
  ['| | later: soon |', 'promises nothing'],
])('refuses the row %j', (row, reason) => {
  expect(contractProblems(page(row), tests)).toEqual([expect.stringContaining(reason)]);
});

test('names the line and the promise of a bad row', () => {
  expect(contractProblems(page('| x | test: `gone` |'), tests)).toEqual([
    expect.stringMatching(/^docs\/contract\.md:5 \(x\): /),
  ]);
});

test('reads every table that ends in "Shown by" and no other', () => {
  const other = '\n| Word | Meaning |\n| --- | --- |\n| a | b |\n';
  const text = table('| x | later: y |') + other + table('| z | later: y |');
  expect(promisesOf(text).map((row) => row.promise)).toEqual(['x', 'z']);
});

test('a page without such a table is a problem', () => {
  expect(contractProblems({ path: 'docs/security.md', text: '# Contract' }, tests)).toEqual([
    expect.stringMatching(/^docs\/security\.md has no table/),
  ]);
});
