import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeBlocks, linesOf, typedOn } from '../test/code-blocks.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const guide = read('docs/sandboxes.md');
const front = read('README.md');
const page = read('examples/sandboxes/README.md');
const programs = readdirSync(import.meta.dirname).filter(
  (name) => /\.(ts|sh)$/.test(name) && !name.startsWith('excerpts'),
);
const sources = programs.map((name) => withoutPlace(read(`examples/sandboxes/${name}`)));

/** Pages leave out where a sandbox is made: then it is the default, and a test has to choose. */
function withoutPlace(program: string): string {
  const text = program.replaceAll(/, \{ on: place\(\) \}|\bon: place\(\),/g, '').replaceAll('{  ', '{ ');
  return `\n${linesOf(text).join('\n')}\n`;
}

function isExcerpt(block: string): boolean {
  return sources.some((source) => source.includes(withoutPlace(block)));
}

test('each program of the guide stands in an example that a test runs', () => {
  const blocks = [...codeBlocks(guide, 'typescript'), ...codeBlocks(guide, 'bash')];
  expect(blocks.length).toBeGreaterThan(10);
  expect(blocks.filter((block) => !isExcerpt(block))).toEqual([]);
});

test('the lines about sandboxes of the front page are those of an example', () => {
  const blocks = codeBlocks(front, 'typescript').filter((block) => block.includes('Sandbox'));
  expect(blocks).not.toEqual([]);
  expect(blocks.filter((block) => !isExcerpt(block))).toEqual([]);
});

test('every example program has its command on the page of the examples', () => {
  const typed = typedOn(page).map(({ command }) => command);
  // What is imported by others, or is a test.
  const parts = ['place.ts', 'check-change.ts'];
  for (const name of programs.filter((one) => !one.endsWith('.test.ts') && !parts.includes(one))) {
    expect(
      typed.some((command) => command.includes(`examples/sandboxes/${name}`)),
      name,
    ).toBe(true);
  }
});
