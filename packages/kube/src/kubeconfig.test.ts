import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { caught, accessTo } from '../test/api-server.ts';
import { openConnection } from './connection.ts';
import { expandHome, findAccess } from './kubeconfig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A file with one cluster `here`, one context `main`, and the given fields of its user and cluster. */
function kubeconfig({ user = '{}', cluster = '' }: { user?: string; cluster?: string } = {}): string {
  return write(
    'config',
    `
current-context: main
clusters: [{ name: here, cluster: { server: 'https://here:6443/'${cluster} } }]
contexts: [{ name: main, context: { cluster: here, user: me } }]
users: [{ name: me, user: ${user} }]
`,
  );
}

const two = `
current-context: one
clusters:
  - { name: c1, cluster: { server: 'https://one:6443' } }
  - { name: c2, cluster: { server: 'https://two:6443', tls-server-name: inner, insecure-skip-tls-verify: true, proxy-url: 'http://proxy:3128' } }
contexts:
  - { name: one, context: { cluster: c1, user: u } }
  - { name: two, context: { cluster: c2, user: u } }
users:
  - { name: u, user: { token: t } }
`;

const asks = async (path: string) => (await findAccess({ kubeconfigPath: path }).identity()).authorization;

test('takes the current context', () => {
  const path = write('config', two);
  expect(findAccess({ kubeconfigPath: path })).toMatchObject({
    name: 'one',
    server: 'https://one:6443',
    source: `context one of ${path}`,
    skipTlsVerify: false,
  });
});

test('takes the context that is asked for, with all that its cluster says', () => {
  expect(findAccess({ kubeconfigPath: write('config', two), context: 'two' })).toMatchObject({
    name: 'two',
    server: 'https://two:6443',
    tlsServerName: 'inner',
    skipTlsVerify: true,
    proxyUrl: 'http://proxy:3128',
  });
});

test('takes the preferred context where the file has it, and the current one where not', () => {
  const kubeconfigPath = write('config', two);
  expect(findAccess({ kubeconfigPath, preferredContext: 'two' }).name).toBe('two');
  expect(findAccess({ kubeconfigPath, preferredContext: 'production' }).name).toBe('one');
  expect(findAccess({ kubeconfigPath, preferredContext: 'two', context: 'one' }).name).toBe('one');
});

test('a context that is missing is refused with those that are there', () => {
  const kubeconfigPath = write('config', two);
  expect(() => findAccess({ kubeconfigPath, context: 'three' })).toThrow(
    `The kubeconfig ${kubeconfigPath} cannot be used: it has no context "three"; it has one, two.`,
  );
});

const entry = (kind: string, text: string) =>
  two.replace(new RegExp(`^${kind}:\\n(  .*\\n)+`, 'm'), `${kind}: ${text}\n`);

test.each([
  ['no YAML', 'a: [b', /flow sequence|Flow sequence/],
  ['empty', '', 'not a YAML mapping'],
  ['a list', '[]', 'not a YAML mapping'],
  ['a sentence', 'hello', 'not a YAML mapping'],
  ['without anything', '{}', 'no current context'],
  ['with a current context that is a number', two.replace('t-context: one', 't-context: 1'), 'no current context'],
  [
    'with a current context that is missing',
    two.replace('t-context: one', 't-context: x'),
    'no context "x"; it has one, two',
  ],
  ['without contexts', entry('contexts', '[]'), 'no context "one"; it has none'],
  ['with contexts that are no list', entry('contexts', '7'), 'no context "one"; it has none'],
  ['with a context without a name', entry('contexts', '[{ context: { cluster: c1 } }]'), 'contexts[0].name is missing'],
  ['with a context that is null', entry('contexts', '[null]'), ''],
  ['with a context without a user', entry('contexts', '[{ name: one, context: { cluster: c1 } }]'), 'user (none)'],
  ['without clusters', entry('clusters', '[]'), 'names the cluster c1, which is not there'],
  [
    'with a cluster without a server',
    entry('clusters', '[{ name: c1, cluster: {} }]'),
    'clusters[0].cluster.server is missing',
  ],
  ['with a server that is a number', entry('clusters', '[{ name: c1, cluster: { server: 7 } }]'), ''],
  ['without users', entry('users', '[]'), 'names the user u, which is not there'],
  ['with a user that is null', entry('users', '[null]'), ''],
  ['with somebody to impersonate', entry('users', '[{ name: u, user: { token: t, as: admin } }]'), 'impersonates'],
])('a file %s is refused with the reason', async (_name, text, problem) => {
  const kubeconfigPath = write('config', text);
  const error = await caught(async () => findAccess({ kubeconfigPath }));
  expect(error).toMatchObject({ code: 'kube.kubeconfig_invalid', retryable: false, details: { path: kubeconfigPath } });
  expect((error as Error).message).toMatch(problem);
});

test('a file that is missing is refused with its path', () => {
  expect(() => findAccess({ kubeconfigPath: join(folder, 'nothing') })).toThrow(
    expect.objectContaining({
      code: 'kube.kubeconfig_invalid',
      message: expect.stringContaining(join(folder, 'nothing')),
    }),
  );
});

test('~/ is the home folder, and only at the beginning', () => {
  expect(expandHome('~/.kube/config')).toBe(join(homedir(), '.kube/config'));
  expect(expandHome('/a/~/b')).toBe('/a/~/b');
  expect(expandHome('~')).toBe('~');
  expect(() => findAccess({ kubeconfigPath: '~/no-such-folder-of-ephemera/config' })).toThrow(
    join(homedir(), 'no-such-folder-of-ephemera/config'),
  );
});

test('files beside the kubeconfig are found from its folder', async () => {
  write('pki/ca.crt', 'CA');
  write('pki/me.crt', 'CERT');
  write('pki/me.key', 'KEY');
  write('pki/token', 'from-file\n');
  const path = kubeconfig({
    cluster: ', certificate-authority: pki/ca.crt',
    user: '{ client-certificate: pki/me.crt, client-key: ./pki/me.key, tokenFile: pki/token }',
  });
  const access = findAccess({ kubeconfigPath: path });
  expect(access.server).toBe('https://here:6443');
  expect(access.certificateAuthority?.toString()).toBe('CA');
  expect(access.tokenFile).toBe(join(folder, 'pki/token'));
  const { certificate, key } = await access.identity();
  expect([certificate, key].map(String)).toEqual(['CERT', 'KEY']);
});

test('inline data is decoded and comes before files', async () => {
  const access = findAccess({
    kubeconfigPath: kubeconfig({
      cluster: `, certificate-authority: no-such-file, certificate-authority-data: ${base64('CA')}`,
      user: `{ client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')} }`,
    }),
  });
  expect(access.certificateAuthority?.toString()).toBe('CA');
  const { certificate, key, authorization } = await access.identity();
  expect([certificate, key].map(String)).toEqual(['CERT', 'KEY']);
  expect(authorization).toBeUndefined();
});

test('a certificate authority that is missing is refused at once', () => {
  const kubeconfigPath = kubeconfig({ cluster: ', certificate-authority: ca.crt' });
  expect(() => findAccess({ kubeconfigPath })).toThrow(
    expect.objectContaining({
      code: 'kube.kubeconfig_invalid',
      message: expect.stringContaining(join(folder, 'ca.crt')),
    }),
  );
});

test('a client certificate that is missing is an error about credentials', async () => {
  const access = findAccess({ kubeconfigPath: kubeconfig({ user: '{ client-certificate: me.crt }' }) });
  expect(await caught(() => openConnection(access))).toMatchObject({
    code: 'kube.credentials_unavailable',
    message: expect.stringContaining(join(folder, 'me.crt')),
  });
});

test.each([
  ['a token', '{ token: abc }', 'Bearer abc'],
  ['a name and a password', '{ username: ada, password: "p:ä" }', `Basic ${base64('ada:p:ä')}`],
  ['a name without a password', '{ username: ada }', `Basic ${base64('ada:')}`],
  ['a token before a password', '{ token: abc, username: ada, password: p }', 'Bearer abc'],
  ['nothing', '{}', undefined],
  ['no fields at all', 'null', undefined],
])('a user with %s', async (_name, user, authorization) => {
  expect(await asks(kubeconfig({ user }))).toBe(authorization);
});

test('a token file is read before every call', async () => {
  const token = write('token', 'first\n');
  const connection = await openConnection({ ...accessTo('https://here:6443'), tokenFile: token });
  expect(await connection.door()).toMatchObject({ authorization: 'Bearer first' });
  writeFileSync(token, 'second');
  expect(await connection.door()).toMatchObject({ authorization: 'Bearer second' });
  await connection.close();
});

function plugin(script: string, more = ''): string {
  chmodSync(write('plugins/login', `#!/bin/sh\n${script}\n`), 0o755);
  return kubeconfig({
    user: `{ exec: { apiVersion: client.authentication.k8s.io/v1, command: ./plugins/login, args: [for, me]${more} } }`,
  });
}

const credential = (status: object) =>
  `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })}'`;

test('a credential plugin is run from the folder of the kubeconfig, with its arguments and variables', async () => {
  const path = plugin(
    `echo "$@ $COLOUR" > "$(dirname "$0")/called"; ${credential({ token: 'abc', clientCertificateData: 'CERT', clientKeyData: 'KEY' })}`,
    ', env: [{ name: COLOUR, value: blue }]',
  );
  await expect(findAccess({ kubeconfigPath: path }).identity()).resolves.toEqual({
    authorization: 'Bearer abc',
    certificate: 'CERT',
    key: 'KEY',
  });
  expect(readFileSync(join(folder, 'plugins/called'), 'utf8')).toBe('for me blue\n');
});

test('a plugin is run again only when its token has expired', async () => {
  const counting = 'echo x >> "$(dirname "$0")/count"';
  const runs = () => readFileSync(join(folder, 'plugins/count'), 'utf8').split('\n').length - 1;
  const future = findAccess({
    kubeconfigPath: plugin(`${counting}; ${credential({ token: 'a', expirationTimestamp: '2999-01-01T00:00:00Z' })}`),
  });
  await future.identity();
  await future.identity();
  expect(runs()).toBe(1);
  const past = findAccess({
    kubeconfigPath: plugin(`${counting}; ${credential({ token: 'a', expirationTimestamp: '2001-01-01T00:00:00Z' })}`),
  });
  await past.identity();
  await past.identity();
  expect(runs()).toBe(3);
});

test.each([
  ['fails', 'echo "please log in" >&2; exit 3', 'please log in'],
  ['fails without a word', 'exit 3', 'no reason given'],
  ['prints nonsense', 'echo hello', 'JSON'],
  ['prints no credential', `echo '{"kind":"ExecCredential"}'`, 'credential plugin of user me'],
])('a plugin that %s: a typed error that may be tried again', async (_name, script, problem) => {
  const access = findAccess({ kubeconfigPath: plugin(script) });
  expect(await caught(() => openConnection(access))).toMatchObject({
    code: 'kube.credentials_unavailable',
    retryable: true,
    message: expect.stringContaining(problem),
  });
});

test('a plugin that is not installed: a typed error that names it', async () => {
  const access = findAccess({ kubeconfigPath: kubeconfig({ user: '{ exec: { command: no-such-plugin-of-ours } }' }) });
  expect(await caught(() => openConnection(access))).toMatchObject({
    code: 'kube.credentials_unavailable',
    message: expect.stringContaining('no-such-plugin-of-ours'),
  });
});

test("without a path, the pod's own account is not taken where there is no token, but kubectl's file", () => {
  const path = write('config', two);
  const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443', KUBECONFIG: path };
  expect(findAccess({ environment })).toMatchObject({ name: 'one', source: `context one of ${path}` });
  expect(findAccess({ environment, context: 'two' }).name).toBe('two');
});

test('without anything, the error says where was looked', () => {
  const missing = join(folder, 'nothing');
  expect(() => findAccess({ environment: { KUBECONFIG: `:${missing}:/also/not` } })).toThrow(
    expect.objectContaining({ code: 'kube.no_cluster', message: expect.stringContaining(missing) }),
  );
});

/** One file for each line: a context, a cluster, a user, or a current context. */
const part = (name: string, text: string) => write(`${name}/config`, text);

test('the files of KUBECONFIG count as one: what a context names may stand in another file', async () => {
  const contexts = part('a', 'contexts: [{ name: main, context: { cluster: here, user: me } }]');
  const clusters = part('b', "clusters: [{ name: here, cluster: { server: 'https://here:6443' } }]");
  const users = part('c', 'current-context: main\nusers: [{ name: me, user: { token: abc } }]');
  const access = findAccess({
    environment: { KUBECONFIG: `${contexts}:${clusters}::${join(folder, 'none')}:${users}` },
  });
  expect(access).toMatchObject({ name: 'main', server: 'https://here:6443' });
  expect((await access.identity()).authorization).toBe('Bearer abc');
  expect(access.source).toBe(`context main of ${contexts}:${clusters}:${users}`);
});

test('where two files of KUBECONFIG have an entry of one name, the first is taken whole, and so is the first current context', async () => {
  const first = part('first', two);
  const second = part(
    'second',
    two.replaceAll('https://', 'https://not-').replace('token: t', 'token: other').replace('t: one', 't: two'),
  );
  const access = findAccess({ environment: { KUBECONFIG: `${first}:${second}` } });
  expect(access).toMatchObject({ name: 'one', server: 'https://one:6443' });
  expect((await access.identity()).authorization).toBe('Bearer t');
  const turned = findAccess({ environment: { KUBECONFIG: `${second}:${first}` } });
  expect(turned).toMatchObject({ name: 'two', server: 'https://not-two:6443' });
});

test('files that an entry names are found beside the file of KUBECONFIG in which the entry stands', async () => {
  const first = part('first', two.replace('user: { token: t }', 'user: { client-certificate: me.crt }'));
  write('first/me.crt', 'FIRST');
  const second = part(
    'second',
    `current-context: far
contexts: [{ name: far, context: { cluster: c3, user: u } }]
clusters: [{ name: c3, cluster: { server: 'https://far', certificate-authority: ca.crt } }]`,
  );
  write('second/ca.crt', 'CA');
  const access = findAccess({ environment: { KUBECONFIG: `${first}:${second}` }, context: 'far' });
  expect(access.certificateAuthority?.toString()).toBe('CA');
  expect(String((await access.identity()).certificate)).toBe('FIRST');
});

test('one broken file among those of KUBECONFIG is refused by its path, not left out', () => {
  const broken = part('broken', 'a: [b');
  expect(() => findAccess({ environment: { KUBECONFIG: `${part('first', two)}:${broken}` } })).toThrow(
    expect.objectContaining({ code: 'kube.kubeconfig_invalid', message: expect.stringContaining(broken) }),
  );
});
