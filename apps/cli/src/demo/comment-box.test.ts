import { expect, test } from 'vitest';
import { commentBox } from './comment-box.ts';

test('a comment is shown as people see it: no marker, no markup, columns aligned', () => {
  const markdown = [
    '<!-- marker -->',
    '## Ready',
    '',
    '| | |',
    '| --- | --- |',
    '| **URL** | [host](http://host:1) |',
    '| **Commit** | `abc` |',
    '',
    '_Small print_',
  ];
  expect(commentBox('bot', markdown.join('\n')).split('\n')).toEqual([
    '  ╭─ bot commented ───────────╮',
    '  │ Ready                     │',
    '  │                           │',
    '  │ URL         http://host:1 │',
    '  │ Commit      abc           │',
    '  │                           │',
    '  │ Small print               │',
    '  ╰───────────────────────────╯',
  ]);
});
