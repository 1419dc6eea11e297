import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test, vi } from 'vitest';
import { run, start, type Running } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const patience = { timeout: 60_000, interval: 100 };
const { EPHEMERA_TEST_KUBECONFIG: kubeconfig, EPHEMERA_TEST_CONTEXT: context } = process.env;

async function startServer(settings: Readonly<Record<string, string | undefined>>): Promise<Running & { url: string }> {
  const server = start(['up', ...(context === undefined ? [] : ['--context', context])], {
    ...settings,
    KUBECONFIG_PATH: kubeconfig,
    PORT: '0',
    LOG_LEVEL: 'silent',
  });
  await vi.waitFor(() => expect(server.stderr()).toContain('listens at'), patience);
  return Object.assign(server, { url: /listens at (\S+)/.exec(server.stderr())?.[1] ?? '' });
}

const instanceOf = (server: Running): string => /instance +(\w+)/.exec(server.stderr())?.[1] ?? '';

test('a database that was lost comes back from its backup: environments are known again, and closing leaves nothing', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  using folder = temporaryFolder('backup');
  const file = join(folder.path, 'backup.gz');
  const DATA_DIR = join(folder.path, 'data');
  const settings = { ...github.settings, DATA_DIR };
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  let instance: string;
  let pull: Awaited<ReturnType<typeof repository.open>>;
  {
    await using server = await startServer(settings);
    github.setWebhookUrl(`${server.url}/webhooks/github`);
    instance = instanceOf(server);
    pull = await repository.open({ head: 'feat/cart' });
    await vi.waitFor(() => expect(pull.status('ephemera/environment')).toBe('success'), patience);

    const backup = await run(['database', 'backup', file], { DATA_DIR });
    expect(backup.code, backup.stderr).toBe(0);
    expect(backup.stderr).toMatch(/environments +1 row\n/);
    expect(backup.stderr).toContain(instance);

    const refused = await run(['database', 'restore', file, '--replace'], { DATA_DIR });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('A server uses this database');
  }
  rmSync(DATA_DIR, { recursive: true });

  const restored = await run(['database', 'restore', file], { DATA_DIR });
  expect(restored.code, restored.stderr).toBe(0);
  expect(restored.stderr).toContain('one that was revoked since works again');
  const again = await run(['database', 'restore', file], { DATA_DIR });
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('--replace');

  await using server = await startServer(settings);
  expect(instanceOf(server)).toBe(instance);
  github.setWebhookUrl(`${server.url}/webhooks/github`);
  const created = await run(['token', 'create', '--name', 'test', '--scopes', 'admin'], { DATA_DIR });
  const api = { EPHEMERA_URL: server.url, EPHEMERA_TOKEN: created.stdout.trim() };
  const listed = await run(['env', 'list', '--json'], api);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ pr_number: 1, status: 'ready' }]);

  await pull.close();
  await vi.waitFor(() => expect(pull.view().statuses.at(-1)?.description).toBe('Removed'), patience);
  expect(JSON.parse((await run(['env', 'list', '--json'], api)).stdout)).toEqual([]);
});

test('a postgres that is killed under a running server is started again: it answers, and takes webhooks', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  using folder = temporaryFolder('killed-postgres');
  await using server = await startServer({ ...github.settings, DATA_DIR: folder.path });
  github.setWebhookUrl(`${server.url}/webhooks/github`);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await vi.waitFor(() => expect(pull.status('ephemera/environment')).toBe('success'), patience);

  process.kill(
    Number(readFileSync(join(folder.path, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]),
    'SIGKILL',
  );
  const ready = async () => (await fetch(`${server.url}/health/ready`)).status;
  await vi.waitFor(async () => expect(await ready()).toBe(503), patience);
  await vi.waitFor(async () => expect(await ready()).toBe(200), patience);

  await pull.close();
  await vi.waitFor(() => expect(pull.view().statuses.at(-1)?.description).toBe('Removed'), patience);
  expect(pull.view().deliveries.map(({ status }) => status)).toEqual([202, 202]);
});
