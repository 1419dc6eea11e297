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
