import { EphemeraError } from '@ephemera/model';
import { expect, test } from 'vitest';
import { problemsOf } from '../../../test/manifests.ts';
import { readManifest } from './read-manifest.ts';

const read = (text: string) => readManifest(text, { source: 'job.yaml' });

function refusal(text: string): { message: string; hint: string | undefined; code: string } {
  try {
    read(text);
  } catch (error) {
    if (error instanceof EphemeraError) return { message: error.message, hint: error.hint, code: error.code };
    throw error;
  }
  throw new Error('it was read');
}

test.each([
  ['YAML', 'a: 1\nb: [x, "y"]\n'],
  ['JSON', '{"a": 1, "b": ["x", "y"]}'],
  ['JSON over several lines, indented by tabs', '{\n\t"a": 1,\n\t"b": [\n\t\t"x", "y"\n\t]\n}'],
  ['a text with a byte order mark', '\ufeffa: 1\nb: [x, y]'],
  ['lines that end as on Windows', 'a: 1\r\nb:\r\n- x\r\n- y\r\n'],
  ['a document between separators', '---\na: 1\nb: [x, y]\n---\n'],
  ['comments around', '# first\na: 1\nb: [x, y]\n# last'],
])('%s is read', (_, text) => {
  expect(read(text)).toEqual({ a: 1, b: ['x', 'y'] });
});

test('a few aliases are read; nothing is merged, and words are not guessed', () => {
  expect(read('a: &x {k: v}\nb: *x\nc: yes\nd: 0o755\ne: 2001-01-01\n1: f')).toEqual({
    a: { k: 'v' },
    b: { k: 'v' },
    c: 'yes',
    d: 493,
    e: '2001-01-01',
    '1': 'f',
  });
  expect(read('<<: {a: 1}')).toEqual({ '<<': { a: 1 } });
});

test('a key __proto__ is a key like any other', () => {
  const value = read('__proto__: {polluted: true}') as object;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect({}).not.toHaveProperty('polluted');
});

test.each([
  ['', 'job.yaml: it is empty.'],
  ['\n# only a comment\n', 'job.yaml: it is empty.'],
  ['---\n---\n', 'job.yaml: it is empty.'],
  ['- a', 'job.yaml: it is a list, and a manifest is a map.'],
  ['text', 'job.yaml: it is a single value, and a manifest is a map.'],
  ['null', 'job.yaml: it is a single value, and a manifest is a map.'],
  ['a: 1\n---\nb: 1\n---\nc: 1', 'job.yaml: it has 3 documents, and one job is one document.'],
  ['a: 1\nb: 2\na: 3', 'job.yaml, line 3, column 1: a key stands twice in one map.'],
  ['{"a": {"b": 1, "b": 2}}', 'job.yaml, line 1, column 16: a key stands twice in one map.'],
  ['a:\n\tb: 1', 'job.yaml, line 2, column 1: a tab is used for indentation.'],
  ['a: "x\nb: 1', 'job.yaml, line 2, column 5: a character is missing: a quote, a comma, a colon or a bracket.'],
  ['a:\n  b: 1\n c: 2', 'job.yaml, line 3, column 1: the indentation does not fit, or a bracket is not closed.'],
  ['a: b: c', 'job.yaml, line 1, column 4: a value holds a further "key:" on its line.'],
  ['a: @b', 'job.yaml, line 1, column 4: a text begins with a character that YAML keeps for itself.'],
  ['a: *b', 'job.yaml, line 1, column 4: an alias has no anchor before it.'],
  ['a: &x [*x]\nb: *y', 'job.yaml, line 2, column 4: an alias has no anchor before it.'],
  ['a: !!binary aGk=', 'job.yaml, line 1, column 13: it has a tag that is not read.'],
  ['a: !!set {x}', 'job.yaml, line 1, column 10: it has a tag that is not read.'],
  ['a: !!omap [x: 1]', 'job.yaml, line 1, column 11: it has a tag that is not read.'],
  ['a: 1\nb: !Ref x', 'job.yaml, line 2, column 4: it has a tag that is not read.'],
  [
    'a: 0400',
    'job.yaml, line 1, column 4: a number begins with 0, which some programs read as octal and others as decimal.',
  ],
  [
    'a: 1\nb: [-010]',
    'job.yaml, line 2, column 5: a number begins with 0, which some programs read as octal and others as decimal.',
  ],
  ['? [a]\n: b', 'job.yaml, line 1, column 3: a key is no text.'],
])('%j is refused: %s', (text, message) => {
  expect(refusal(text)).toMatchObject({ code: 'job.manifest_unreadable', message });
});

test('a 0 in front is fine in a text, in a key and before a point', () => {
  expect(read('a: "0400"\n0400: b\nc: 0.5\nd: 0\ne: 0x10')).toEqual({ a: '0400', '0400': 'b', c: 0.5, d: 0, e: 16 });
});

test('every refusal says what to do', () => {
  expect(refusal('a: 0400').hint).toContain('0o400');
  expect(refusal('a: 1\n---\nb: 1').hint).toBe('Put each into a file of its own, and give one of them.');
  expect(refusal('a: @b').hint).toBe('Put the text in quotes.');
});

test.each([
  [
    'that grow by aliases of aliases',
    [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map(
        (key, index) =>
          `${key}: &${key} [${Array<string>(7)
            .fill(`*${'abcdefgh'.charAt(index)}`)
            .join(', ')}]`,
      ),
    ].join('\n'),
    'it uses its anchors too often',
  ],
  [
    'with thousands of aliases',
    `a: &a x\nb: [${Array<string>(5000).fill('*a').join(', ')}]`,
    'it uses its anchors too often',
  ],
  ['that are nested a hundred thousand times', '['.repeat(100_000), 'its values are nested too deep'],
  ['that are nested by dashes', `${'- '.repeat(100_000)}x`, 'its values are nested too deep'],
  [
    'that are nested by indentation',
    Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    'its values are nested too deep',
  ],
  ['of more than 1 MiB', `a: ${'x'.repeat(1024 * 1024)}`, 'it has 1048579 bytes, and a manifest has at most 1048576'],
])('values %s are refused', (_, text, problem) => {
  expect(refusal(text).message).toContain(problem);
});

test.each(['[', '{', '- ', '? ', ': ', '%A\n', '[a,', '!a ', '[],', '"', '?\n', ':\n', '#\n', '---\n', 'a:\n', '&a '])(
  'a megabyte of %j is refused at once',
  (part) => {
    const began = cpuMs();
    expect(refusal(part.repeat((1024 * 1024) / part.length)).code).toBe('job.manifest_unreadable');
    // Parsing it takes several seconds, also where nothing else runs.
    expect(cpuMs() - began).toBeLessThan(3000);
  },
);

/** Of this thread, so that other work on the machine does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

test('a long list of objects on one line is read, as programs write JSON', () => {
  const list = Array.from({ length: 2000 }, (_, index) => ({ name: `V${index}`, value: '-' }));
  expect(read(JSON.stringify({ list }))).toEqual({ list });
});

test('a text of just 1 MiB is read', () => {
  expect(read(`a: ${'x'.repeat(1024 * 1024 - 3)}`)).toHaveProperty('a');
});

test.each([
  'a: "hunter2',
  'a: hunter2: b',
  'hunter2: 1\nhunter2: 2',
  'a: *hunter2',
  'a: !hunter2 x',
  '- hunter2',
  'hunter2',
  '{hunter2',
  'a: @hunter2',
])('a message does not quote the text: %j', (text) => {
  expect(JSON.stringify(refusal(text))).not.toContain('hunter2');
});

test('a number that has to be a text is shown as it was written', () => {
  const text =
    'spec: { image: { repo: busybox, tag: 1.10 }, env: { variables: [{ name: A, value: 0x1F }], secrets: { B: 1.50 } } }';
  const shown = (...set: readonly string[]) =>
    problemsOf(readManifest(text, { source: 'job.yaml', set })).flatMap(({ path, value, fix }) =>
      value === undefined ? [] : [[path, value, fix]],
    );
  const expected = [
    ['spec.image.tag', '1.10', 'Put it in quotes.'],
    ['spec.env.variables[0].value', '0x1F', 'Put it in quotes.'],
    ['spec.env.secrets.B', '(hidden)', 'Put it in quotes.'],
  ];
  expect(shown()).toEqual(expected);
  expect(shown('metadata.name=a')).toEqual(expected);
});
