import fc from 'fast-check';
import { expect, test } from 'vitest';
import { code } from './markdown.ts';

test.each([
  ['plain', 'feat/cart', '`feat/cart`'],
  ['a backtick', 'a`b', '`` a`b ``'],
  ['a run of backticks', '```x', '```` ```x ````'],
  ['a pipe', 'a|b', '`a¦b`'],
  ['line breaks and tabs', 'a\r\nb\tc\u2028d', '`a b c d`'],
  ['control characters', 'a\u0000\u001bb', '`a b`'],
  ['a mention', '@everyone', '`@everyone`'],
  ['HTML', '<img src=x>', '`<img src=x>`'],
  ['nothing', ' \n ', '—'],
])('%s is shown inside a code span', (_what, text, shown) => {
  expect(code(text)).toBe(shown);
});

test('no text gets out of its code span: the fence appears only at both ends, and nothing breaks the line', () => {
  const text = fc.string({ unit: fc.constantFrom('`', '|', '\n', ' ', 'a', '\\', '@', '<', '😀'), maxLength: 300 });
  fc.assert(
    fc.property(text, (hostile) => {
      const shown = code(hostile);
      expect(shown).not.toMatch(/[\n\r|]/);
      if (shown === '—') return;
      const fence = /^`+/.exec(shown)?.[0] ?? '';
      expect(shown.endsWith(fence)).toBe(true);
      const runs = shown.slice(fence.length, -fence.length).match(/`+/g) ?? [];
      expect(runs.filter((run) => run.length === fence.length)).toEqual([]);
    }),
  );
});

test('long text is cut, and never in the middle of a character', () => {
  expect(code('x'.repeat(500))).toBe(`\`${'x'.repeat(200)}\``);
  expect(code('x'.repeat(500), { longest: 10 })).toBe(`\`${'x'.repeat(10)}\``);
  expect(code(`${'x'.repeat(199)}😀😀`).isWellFormed()).toBe(true);
});
