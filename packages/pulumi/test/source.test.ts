import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sourceText } from '../iac/pulumi/module/stack-input/source.ts';

const text =
  'kind: KubernetesJob\nmetadata:\n  name: "ünïcode ✓ ????? and a long line that makes more than one line"\n';
const base64 = Buffer.from(text).toString('base64');
const from = (env: Readonly<Record<string, string>>, config?: string) => sourceText({ config, env });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stack-input-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

test.each([
  ['base64 in one line', base64],
  ['base64 wrapped at 76 columns, as `base64` on Linux writes it', base64.replaceAll(/.{76}/g, '$&\n')],
  ['base64 with line ends of Windows', base64.replaceAll(/.{76}/g, '$&\r\n')],
  ['base64 of the alphabet for URLs', Buffer.from(text).toString('base64url')],
  ['base64 without its padding', base64.replace(/=+$/, '')],
  ['plain YAML', text],
])('STACK_INPUT may be %s', (_, value) => {
  expect(from({ STACK_INPUT: value })).toEqual({ source: 'STACK_INPUT', text, ignored: [] });
});

test('the examples of base64 differ: padded, wrapped, and with letters that only one alphabet has', () => {
  expect(base64).toMatch(/=$/);
  expect(base64.length).toBeGreaterThan(76);
  expect(Buffer.from(text).toString('base64url')).not.toBe(base64.replace(/=+$/, ''));
});

test('the first source that is not empty is read, in the order of the contract, and the others are named', async () => {
  const path = await file('order.yaml', 'from: file');
  const env = { STACK_INPUT: 'from: env', STACK_INPUT_YAML: 'from: yaml', STACK_INPUT_YAML_FILE: path };
  const ignored = ['STACK_INPUT', 'STACK_INPUT_YAML', 'STACK_INPUT_YAML_FILE'];
  expect(from(env, 'from: config')).toEqual({ source: 'planton-cloud:stack-input', text: 'from: config', ignored });
  expect(from(env)).toMatchObject({ text: 'from: env', ignored: ignored.slice(1) });
  expect(from({ ...env, STACK_INPUT: ' \n' }, '')).toMatchObject({ text: 'from: yaml', ignored: ignored.slice(2) });
  expect(from({ STACK_INPUT_YAML_FILE: path })).toMatchObject({ text: 'from: file', ignored: [] });
});

test('the configuration key may be base64 as well', () => {
  expect(from({}, base64).text).toBe(text);
});

test('without any source the error names all four', () => {
  expect(() => from({ STACK_INPUT: '' })).toThrow(
    expect.objectContaining({
      code: 'pulumi.stack_input_missing',
      message: expect.stringMatching(
        /planton-cloud:stack-input.*STACK_INPUT,.*STACK_INPUT_YAML .*STACK_INPUT_YAML_FILE/,
      ),
    }),
  );
});

test('bytes that are not UTF-8 are an error, in base64 and in a file', async () => {
  const latin1 = Buffer.from('name: é', 'latin1');
  const refused = (source: string) =>
    expect.objectContaining({
      code: 'pulumi.stack_input_unreadable',
      message: `The stack input of ${source} is not text in UTF-8.`,
    });
  expect(() => from({ STACK_INPUT: latin1.toString('base64') })).toThrow(refused('STACK_INPUT'));
  const path = await file('latin1.yaml', latin1);
  expect(() => from({ STACK_INPUT_YAML_FILE: path })).toThrow(refused('STACK_INPUT_YAML_FILE'));
});

test('base64 of a length that base64 never has is an error', () => {
  expect(() => from({ STACK_INPUT: base64.replace(/=+$/, '').slice(0, 41) })).toThrow(
    expect.objectContaining({ code: 'pulumi.stack_input_unreadable', message: expect.stringContaining('cut off') }),
  );
});

test('a file that is not there is an error with its path', () => {
  expect(() => from({ STACK_INPUT_YAML_FILE: '/nowhere/input.yaml' })).toThrow(
    expect.objectContaining({
      code: 'pulumi.stack_input_unreadable',
      message: expect.stringContaining('"/nowhere/input.yaml", which cannot be read (ENOENT)'),
    }),
  );
});
