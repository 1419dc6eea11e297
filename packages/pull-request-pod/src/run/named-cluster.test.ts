import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findNamedCluster, namedClusters, readNamedClusters } from './named-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'named-cluster-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One kubeconfig with these contexts, the first of which is current; the server of each is `https://{server}-{context}`. */
function kubeconfig(server: string, ...contexts: readonly string[]): string {
  return JSON.stringify({
    'current-context': contexts[0],
    clusters: contexts.map((name) => ({
      name,
      cluster: { server: `https://${server}-${name}`, 'insecure-skip-tls-verify': true },
    })),
    contexts: contexts.map((name) => ({ name, context: { cluster: name, user: server } })),
    users: [{ name: server, user: { token: `token-of-${server}` } }],
  });
}

const packed = (text: string) => Buffer.from(text).toString('base64');
const variable = (server: string, ...contexts: readonly string[]) => packed(kubeconfig(server, ...contexts));
const wrapped = (text: string) => text.replace(/.{76}/g, '$&\n');

const environment = {
  KUBECONFIG_STAGING: variable('staging', 'blue', 'green'),
  KUBECONFIG_PROD: variable('prod', 'main', 'staging'),
  KUBECONFIG_PATH: '/nowhere/config',
  KUBECONFIG: '/nowhere/else',
  KUBECONFIG_EMPTY: '',
  KUBECONFIG_: variable('nameless', 'nameless'),
  OTHER: 'x',
};

test.each([
  ['a context', 'green', 'https://staging-green'],
  ['a context, before a variable of that name', 'staging', 'https://prod-staging'],
  ['a variable: its current context', 'PROD', 'https://prod-main'],
  ['a variable in other letters', 'prod', 'https://prod-main'],
  ['a context in other letters', 'GREEN', 'https://staging-green'],
  ['nothing: PROD before others', undefined, 'https://prod-main'],
])('by the name of %s', (_what, name, server) => {
  expect(findNamedCluster(name, environment).server).toBe(server);
});

test('letters count where two names differ in nothing else', () => {
  const two = { KUBECONFIG_a: variable('small', 'one'), KUBECONFIG_A: variable('large', 'two') };
  expect(findNamedCluster('a', two).server).toBe('https://small-one');
  expect(findNamedCluster('A', two).server).toBe('https://large-two');
});

test.each([
  [['MAIN', 'PRIMARY', 'PROD', 'PRODUCTION', 'A'], 'PRODUCTION'],
  [['MAIN', 'PRIMARY', 'PROD', 'A'], 'PROD'],
  [['MAIN', 'PRIMARY', 'A'], 'PRIMARY'],
  [['Main', 'A'], 'Main'],
  [['Z', 'B', 'C'], 'B'],
])('without a name, of %j: %s', (names, chosen) => {
  const some = Object.fromEntries(names.map((name) => [`KUBECONFIG_${name}`, variable(name.toLowerCase(), 'x')]));
  expect(findNamedCluster(undefined, some).server).toBe(`https://${chosen.toLowerCase()}-x`);
});

test('base64 in lines, and as URLs write it, is read; YAML is read like JSON', () => {
  const yaml =
    'current-context: x\nclusters: [{ name: x, cluster: { server: "https://ÿÿÿ?>" } }]\ncontexts: [{ name: x, context: { cluster: x, user: u } }]\nusers: [{ name: u, user: {} }]';
  const url = Buffer.from(yaml).toString('base64url');
  expect(findNamedCluster('one', { KUBECONFIG_ONE: `${wrapped(packed(yaml))}\n` }).server).toBe('https://ÿÿÿ?>');
  expect(findNamedCluster('one', { KUBECONFIG_ONE: url }).server).toBe('https://ÿÿÿ?>');
});

test('the clusters and their contexts are listed, without credentials and without what names no cluster', () => {
  const listed = namedClusters(environment);
  expect(listed).toEqual([
    { name: 'PROD', contexts: ['main', 'staging'] },
    { name: 'STAGING', contexts: ['blue', 'green'] },
  ]);
});

const broken = {
  ...environment,
  KUBECONFIG_FILE: '/etc/some-secret',
  KUBECONFIG_TEXT: packed('token: [some-secret'),
  KUBECONFIG_BYTES: Buffer.from([0xff, 0xfe]).toString('base64'),
};

test('what is no kubeconfig is told, quotes nothing, and stands in nobody’s way', () => {
  expect(namedClusters(broken)).toContainEqual({
    name: 'FILE',
    contexts: [],
    problem: expect.stringMatching(/KUBECONFIG_FILE .*base64/),
  });
  expect(namedClusters(broken)).toContainEqual({
    name: 'TEXT',
    contexts: [],
    problem: expect.stringContaining('YAML'),
  });
  expect(namedClusters(broken)).toContainEqual({
    name: 'BYTES',
    contexts: [],
    problem: expect.stringContaining('base64'),
  });
  expect(JSON.stringify(namedClusters(broken))).not.toContain('some-secret');
  expect(findNamedCluster('green', broken).server).toBe('https://staging-green');
  for (const name of ['file', 'text', 'bytes'])
    expect(() => findNamedCluster(name, broken)).toThrow(expect.objectContaining({ code: 'kube.kubeconfig_invalid' }));
});

test('a name that nothing has is refused with the known ones, and with those that cannot be read', () => {
  expect(() => findNamedCluster('moon', environment)).toThrow(
    expect.objectContaining({
      code: 'pr_job.cluster_unknown',
      details: { clusterName: 'moon', known: ['PROD', 'main', 'staging', 'STAGING', 'blue', 'green'] },
    }),
  );
  expect(() => findNamedCluster('moon', broken)).toThrow(/TEXT \(.*YAML/);
});

test('where the environment names none, it is what KUBECONFIG_PATH says, and a name has to be a context there', () => {
  const path = join(folder, 'config');
  writeFileSync(path, kubeconfig('file', 'first', 'second'));
  const byPath = { KUBECONFIG_PATH: path };
  expect(findNamedCluster(undefined, byPath).server).toBe('https://file-first');
  expect(findNamedCluster('second', byPath).server).toBe('https://file-second');
  expect(() => findNamedCluster('third', byPath)).toThrow(
    expect.objectContaining({ code: 'pr_job.cluster_unknown', details: { clusterName: 'third', known: ['first'] } }),
  );
});

test('certificates are checked whatever the kubeconfig says, unless KUBE_SKIP_TLS_VERIFY says true, and then it is shown', () => {
  expect(findNamedCluster('green', environment).skipTlsVerify).toBe(false);
  expect(findNamedCluster('green', { ...environment, KUBE_SKIP_TLS_VERIFY: '1' }).skipTlsVerify).toBe(false);
  expect(findNamedCluster('green', { ...environment, KUBE_SKIP_TLS_VERIFY: 'true' })).toMatchObject({
    skipTlsVerify: true,
    source: 'context green of KUBECONFIG_STAGING, without checking its certificate',
  });
});

test('each cluster is given its own credentials', async () => {
  const [staging, prod] = await Promise.all(
    ['green', 'main'].map((name) => findNamedCluster(name, environment).identity()),
  );
  expect(staging?.authorization).toBe('Bearer token-of-staging');
  expect(prod?.authorization).toBe('Bearer token-of-prod');
});

test('clusters that are read once are found as before, and each is the same one whatever it is called by', () => {
  const read = readNamedClusters(environment);
  expect(read.all).toEqual(namedClusters(environment));
  for (const name of ['green', 'staging', 'PROD', 'GREEN']) {
    const { name: context, server, source } = findNamedCluster(name, environment);
    expect(read.find(name)).toMatchObject({ name: context, server, source, skipTlsVerify: false });
  }
  expect(read.find('prod')).toBe(read.find('main'));
  expect(read.find('main')).toBe(read.find('PROD'));
  expect(read.find('green')).not.toBe(read.find('blue'));
  expect(() => read.find('moon')).toThrow(expect.objectContaining({ code: 'pr_job.cluster_unknown' }));
  expect(read.accesses()).toEqual(['main', 'staging', 'blue', 'green'].map((name) => read.find(name)));
});

test('of clusters that are read once, one that cannot be used hides no other', () => {
  const unusable = JSON.stringify({ ...JSON.parse(kubeconfig('half', 'half')), clusters: [] });
  const read = readNamedClusters({ ...environment, KUBECONFIG_HALF: packed(unusable), KUBECONFIG_TEXT: 'no base64!' });
  expect(read.accesses().map(({ name }) => name)).toEqual(['main', 'staging', 'blue', 'green']);
  for (const _ of [1, 2])
    expect(() => read.find('half')).toThrow(expect.objectContaining({ code: 'kube.kubeconfig_invalid' }));
});
