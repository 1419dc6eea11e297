import type { Manifest } from '@ephemera/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { jsonText, listText, yamlText } from '../src/commands/job/objects-text.ts';

const configMap = (data: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c' },
  data,
});

/** Whatever a terminal obeys, or a reader does not see. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Numbers to one reader or another, and characters that YAML forbids. */
const numbers = ['0o7', '-0o7', '+0o17', '0O7', '0B1', '0X1f', '8e2_', '-0b1', '.5_', '1', '-', '+', '.'];
const forbidden = ['\uFFFE', 'a\uFFFFb', '\u007f'];

const hostile = fc.oneof(
  fc.constantFrom(...numbers, ...forbidden),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.toWellFormed()),
  fc.constantFrom(
    'yes',
    'n',
    'on',
    '012',
    '0x1f',
    '1_000',
    '12:30:45',
    '2026-01-02',
    '~',
    'null',
    '.inf',
    '=',
    '<<',
    '',
  ),
  fc.constantFrom(
    '- a\n- b',
    '#',
    '  x',
    'x: y',
    '---',
    '...\n',
    '\u001b[2J\nline',
    '\u202egnp',
    'a\u0085b',
    'a\r\nb',
    '\ufeff',
    '👩‍👧',
    '\u{e0041}',
  ),
);

test('rendered YAML gives the same objects to readers of YAML 1.1 and of YAML 1.2, whatever stands in them', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.stringMatching(/^[\w.-]{1,12}$/), hostile), { minLength: 1 }), (maps) => {
      const objects = maps.map(configMap);
      const text = yamlText(objects);
      expect(text).not.toMatch(unseen);
      for (const version of ['1.1', '1.2'] as const) {
        const read = parseAllDocuments(text, { version, logLevel: 'error' });
        expect(read.map((document) => document.toJS() as unknown)).toEqual(objects);
      }
    }),
  );
});

test.each([...numbers, ...forbidden])('the text %j stays a text in YAML, as a value and as a key', (word) => {
  const object = configMap({ value: word, [word]: 'x' });
  const text = yamlText([object]);
  for (const version of ['1.1', '1.2'] as const)
    for (const schema of ['core', 'yaml-1.1'] as const) expect(parse(text, { version, schema })).toEqual(object);
  expect(text).not.toMatch(/[\uFFFE\uFFFF]/);
  if (/[0-9]/.test(word)) expect(text).toContain(`"${word}": x`);
});

test('rendered JSON is one List with the objects in their order, without a character that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.array(hostile), (values) => {
      const objects = values.map((value) => configMap({ value }));
      const text = listText(objects);
      expect(text).not.toMatch(unseen);
      expect(JSON.parse(text)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects });
    }),
  );
});

test('an object that stands in two places is written out in both', () => {
  const labels = { a: 'b' };
  const text = yamlText([{ ...configMap({}), metadata: { name: 'c', labels, annotations: labels } }]);
  expect(text).not.toMatch(/[&*]/);
  expect(parse(text)).toMatchObject({ metadata: { labels, annotations: labels } });
});

test('a character beyond the first plane is escaped for JSON as two units', () => {
  expect(jsonText('\u{e0041}\u009b')).toBe(String.raw`"\udb40\udc41\u009b"`);
});
