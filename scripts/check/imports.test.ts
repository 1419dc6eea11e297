import { expect, test } from 'vitest';
import { importsOf } from './imports.ts';

test.each([
  [`import { a } from './a.ts';`, ['./a.ts']],
  [`import type { A } from "@ephemera/model";`, ['@ephemera/model']],
  [`import {\n  a,\n  type B,\n} from './long.ts';\n`, ['./long.ts']],
  [`import './effect.ts';`, ['./effect.ts']],
  [`export * from './all.ts';\nexport { b } from './b.ts';`, ['./all.ts', './b.ts']],
  [`const c = await import('./lazy.ts');`, ['./lazy.ts']],
  [`type T = import('./types.ts').T;`, ['./types.ts']],
])('finds the modules that %j names', (text, expected) => {
  expect(importsOf(text)).toEqual(expected);
});

test('overlooks comments and exports that name no module', () => {
  const text = [
    `// import { a } from './comment.ts';`,
    `/** import('./doc.ts') */`,
    `export const from = 'nowhere';`,
    `export function f() { return { from: 'x' }; }`,
  ].join('\n');
  expect(importsOf(text)).toEqual([]);
});
