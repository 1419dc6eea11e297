import { expect, test } from 'vitest';
import { pathsNamed } from './named-paths.ts';

const named = (text: string, path = 'docs/architecture.md') => pathsNamed({ path, text }).map(({ target }) => target);

test('a path in a code span counts from the root of the repository', () => {
  expect(named('See `packages/kube/src/apply.ts` and `docs/decisions/`.')).toEqual([
    'packages/kube/src/apply.ts',
    'docs/decisions/',
  ]);
});

test('a link counts from the page that it stands on, without its anchor', () => {
  expect(named('[apply](../packages/kube/src/apply.ts) and [more](operations.md#logs)')).toEqual([
    'packages/kube/src/apply.ts',
    'docs/operations.md',
  ]);
  expect(named('[docs](docs/operations.md)', 'README.md')).toEqual(['docs/operations.md']);
});

test.each([
  '`npm run demo`',
  '`packages/*/src`',
  '[out](https://example.org/docs/x)',
  '[here](#top)',
  '`/health/ready`',
])('%s names no file of this repository', (text) => {
  expect(named(text)).toEqual([]);
});

test('the line is told', () => {
  expect(pathsNamed({ path: 'README.md', text: 'one\n\n`scripts/gone.ts`' })).toEqual([
    { line: 3, named: 'scripts/gone.ts', target: 'scripts/gone.ts' },
  ]);
});

test('a pattern in code is no link, and a link whose text is code is one', () => {
  const text = 'matches `[a-z]([-a-z]*[a-z])?`, see [`names.ts`](../names.ts)';
  expect(pathsNamed({ path: 'docs/page.md', text }).map(({ target }) => target)).toEqual(['names.ts']);
});
