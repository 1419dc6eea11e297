import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { caught } from '../test/api-server.ts';
import { accessFromText, contextsInText } from './kubeconfig-text.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-text-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = 'KUBECONFIG_PROD';

/** Two contexts, `main` and `other`, of the same cluster with different users. */
function kubeconfig({ user = { token: 'abc' }, cluster = {} }: { user?: object; cluster?: object } = {}) {
  const text = JSON.stringify({
    'current-context': 'main',
    clusters: [{ name: 'here', cluster: { server: 'https://here:6443', ...cluster } }],
    contexts: [
      { name: 'main', context: { cluster: 'here', user: 'me' } },
      { name: 'other', context: { cluster: 'here', user: 'other' } },
    ],
    users: [
      { name: 'me', user },
      { name: 'other', user: { token: 'xyz' } },
    ],
  });
  return { text, source };
}

test('gives the access of its current context, or of the one that is asked for', async () => {
  const access = accessFromText(kubeconfig());
  expect(access).toMatchObject({
    name: 'main',
    server: 'https://here:6443',
    source: 'context main of KUBECONFIG_PROD',
  });
  expect((await access.identity()).authorization).toBe('Bearer abc');
  const other = accessFromText(kubeconfig(), 'other');
  expect(other.name).toBe('other');
  expect((await other.identity()).authorization).toBe('Bearer xyz');
  expect(contextsInText(kubeconfig())).toEqual(['main', 'other']);
});

test('YAML is read like JSON', () => {
  const text = `
current-context: main
clusters: [{ name: here, cluster: { server: 'https://here' } }]
contexts: [{ name: main, context: { cluster: here, user: me } }]
users: [{ name: me, user: {} }]`;
  expect(accessFromText({ text, source })).toMatchObject({ name: 'main', server: 'https://here' });
});

test('absolute paths are read, and a plugin is found by its bare name or its absolute path', async () => {
  writeFileSync(join(folder, 'ca.crt'), 'CA');
  writeFileSync(join(folder, 'me.crt'), 'CERT');
  const access = accessFromText(
    kubeconfig({
      cluster: { 'certificate-authority': join(folder, 'ca.crt') },
      user: { 'client-certificate': join(folder, 'me.crt'), tokenFile: join(folder, 'token') },
    }),
  );
  expect(access.certificateAuthority?.toString()).toBe('CA');
  expect(String((await access.identity()).certificate)).toBe('CERT');
  expect(access.tokenFile).toBe(join(folder, 'token'));
  for (const command of ['aws', '/usr/bin/aws'])
    expect(accessFromText(kubeconfig({ user: { exec: { command } } })).name).toBe('main');
});

test.each([
  ['certificate-authority', { cluster: { 'certificate-authority': 'ca.crt' } }],
  ['client-certificate', { user: { 'client-certificate': './me.crt' } }],
  ['client-key', { user: { 'client-key': '../me.key' } }],
  ['tokenFile', { user: { tokenFile: '~/token' } }],
  ['exec.command', { user: { exec: { command: './login' } } }],
  ['exec.command', { user: { 'auth-provider': { name: 'exec', config: { exec: { command: 'bin/login' } } } } }],
])('a relative path in %s is refused, by the context that uses it only', (field, changes) => {
  expect(() => accessFromText(kubeconfig(changes))).toThrow(
    expect.objectContaining({
      code: 'kube.kubeconfig_invalid',
      message: expect.stringContaining(
        `KUBECONFIG_PROD cannot be used: the ${field} of context main is a relative path`,
      ),
    }),
  );
  if (!('cluster' in changes)) expect(accessFromText(kubeconfig(changes), 'other').name).toBe('other');
});

test.each([
  ['no YAML', 'token: [my-secret', /neither YAML nor JSON \(line 1\)/],
  ['an alias without its anchor', 'token: *my-secret', /neither YAML nor JSON/],
  ['a sentence', 'my-secret', /not a YAML mapping/],
  ['a list', '["my-secret"]', /not a YAML mapping/],
  ['with a context that is null', 'contexts: [null] # my-secret', /cannot be used/],
])('a text that is %s is refused, and nothing of it quoted', async (_what, text, problem) => {
  for (const read of [() => accessFromText({ text, source }), () => contextsInText({ text, source })]) {
    const error = await caught(async () => read());
    expect(error).toMatchObject({ code: 'kube.kubeconfig_invalid', message: expect.stringMatching(problem) });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('my-secret');
  }
});

test('a text without a current context has none to give, and its contexts are told all the same', () => {
  const { 'current-context': _, ...rest } = JSON.parse(kubeconfig().text) as Record<string, unknown>;
  const text = JSON.stringify(rest);
  expect(() => accessFromText({ text, source })).toThrow(/no current context/);
  expect(contextsInText({ text, source })).toEqual(['main', 'other']);
  expect(accessFromText({ text, source }, 'other').name).toBe('other');
});

test('a context that is missing is refused with those that are there', () => {
  expect(() => accessFromText(kubeconfig(), 'third')).toThrow('it has no context "third"; it has main, other');
});

test('what the parser warns of shows nothing of the text', () => {
  const told = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { text } = kubeconfig();
  const access = accessFromText({ text: text.replace('"abc"', '!vault s3cr3t-token'), source });
  expect(access).toMatchObject({ name: 'main' });
  expect(told).not.toHaveBeenCalled();
  told.mockRestore();
});
