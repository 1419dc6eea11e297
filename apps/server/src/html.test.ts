import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from './html.ts';

test('a value is text: markup in it is escaped', () => {
  expect(html`<p title="${'"\'<&>'}">${'<b>'}</p>`.text).toBe('<p title="&quot;&#39;&lt;&amp;&gt;">&lt;b&gt;</p>');
});

test('HTML of the template itself may stand inside another one, alone or as a list', () => {
  const item = (text: string) => html`<li>${text}</li>`;
  expect(html`<b>${[item('a'), item('<i>')]}</b>`.text).toBe('<b><li>a</li><li>&lt;i&gt;</li></b>');
  expect(html`${item('c')}`.text).toBe('<li>c</li>');
});

test('a number is written as it is', () => {
  expect(html`${0}/${12}`.text).toBe('0/12');
});

test('no value brings a character that could begin or end markup', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(html`${value}`.text).not.toMatch(/[<>"']/);
    }),
  );
});
