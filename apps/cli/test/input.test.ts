import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { run } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('up reports every problem of the settings at once, and ends with 2', async () => {
  const { code, stderr } = await run(['up'], { PORT: 'http', QUOTA_CPU: 'much', GITHUB_APP_ID: '1' });
  expect(code).toBe(2);
  expect(stderr).toContain('PORT:');
  expect(stderr).toContain('QUOTA_CPU:');
  expect(stderr).toContain('GITHUB_APP_PRIVATE_KEY_PATH: is missing, while GITHUB_APP_ID is set');
  expect(stderr).toContain('GITHUB_WEBHOOK_SECRET: is missing');
  expect(stderr).not.toContain('    at ');
});

test('up --help lists every setting with its default', async () => {
  const { code, stdout } = await run(['up', '--help']);
  expect(code).toBe(0);
  for (const name of [
    'KUBECONFIG_PATH',
    'CLUSTER_NAME',
    'GITHUB_APP_ID',
    'GITHUB_APP_PRIVATE_KEY_PATH',
    'GITHUB_WEBHOOK_SECRET',
    'BASE_DOMAIN',
    'DATABASE_URL',
    'HOST',
    'PORT',
  ]) {
    expect(stdout).toMatch(new RegExp(`^ +${name} +\\S`, 'm'));
  }
  expect(stdout).toMatch(/^ +PORT .*\[3001\]$/m);
});

test('without a cluster to talk to, up ends with 3 and says what to do', async () => {
  using home = temporaryFolder('home');
  const { code, stderr } = await run(['up'], { HOME: home.path });
  expect(code).toBe(3);
  expect(stderr).toContain('npx ephemera cluster up');
});

test('an unknown command, flag or port is refused with 2', async () => {
  for (const args of [
    ['dmeo'],
    ['env', 'list', '--nope'],
    ['fake-github', '--port', 'x'],
    ['fake-github', '--port', '70000'],
  ]) {
    const { code, stderr } = await run(args);
    expect(code, args.join(' ')).toBe(2);
    expect(stderr).not.toBe('');
  }
});

test('env list without a server ends with 3 and names the address that it tried', async () => {
  const { code, stderr } = await run(['env', 'list'], { EPHEMERA_URL: 'http://127.0.0.1:9' });
  expect(code).toBe(3);
  expect(stderr).toContain('No Ephemera answers at http://127.0.0.1:9');
  expect(stderr).toContain('npx ephemera up');
});

test('a summary that cannot be written is refused before anything is started', async () => {
  const { code, stdout, stderr } = await run(['demo', '--once', '--summary', '/no/such/folder/s.json']);
  expect(code).toBe(2);
  expect(stderr).toContain('/no/such/folder/s.json');
  expect(stdout).not.toContain('Setting up');
});

test('cluster status of a cluster that is not there ends with 1, as text and as JSON', async () => {
  using cache = temporaryFolder('cache');
  const { code, stdout } = await run(['cluster', 'status', '--json'], { EPHEMERA_CACHE: cache.path });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'down', kubeconfig: null });
});

test.each([
  ['an unknown scope', ['--scopes', 'root'], 'there is no scope "root"'],
  ['no scope', ['--scopes', ','], 'it has no scope'],
  ['a time to live that is none', ['--scopes', 'admin', '--expires', '90'], '"90" is no time'],
  ['a repository without its owner', ['--scopes', 'admin', '--repository', 'shop'], '"shop" is no repository'],
])('token create with %s ends with 2 before any database is started', async (_what, args, problem) => {
  using dataDir = temporaryFolder('token');
  const { code, stdout, stderr } = await run(['token', 'create', '--name', 'ci', ...args], { DATA_DIR: dataDir.path });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(problem);
  expect(readdirSync(dataDir.path)).toEqual([]);
});

test('a token that no header can hold is refused with 2, and not repeated', async () => {
  const { code, stderr } = await run(['env', 'list'], { EPHEMERA_TOKEN: 'eph_\nhunter2' });
  expect(code).toBe(2);
  expect(stderr).toContain('EPHEMERA_TOKEN');
  expect(stderr).not.toContain('hunter2');
});

test.each([
  ['without a token', {}, 'token.missing'],
  ['with a token that is not known', { EPHEMERA_TOKEN: 'eph_nobody-knows-me' }, 'token.unknown'],
])('%s, env list and sweep end with 3 and say how to make one', async (_what, environment, code) => {
  const server = createServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `Refused: ${code}.`, code, retryable: false }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const EPHEMERA_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const command of [['env', 'list'], ['env', 'destroy', '1'], ['sweep']]) {
    const ended = await run(command, { EPHEMERA_URL, ...environment });
    expect(ended.code, command.join(' ')).toBe(3);
    expect(ended.stderr).toContain(`Refused: ${code}.`);
    expect(ended.stderr).toContain('export EPHEMERA_TOKEN=$(npx ephemera token create');
    expect(ended.stderr).not.toContain('eph_nobody-knows-me');
  }
  server.close();
});
