import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test, vi } from 'vitest';
import { run } from './command.ts';
import { startUp, tokenOf } from './up.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('env list and env show tell about a running server; up drains and ends at SIGTERM', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  using dataDir = temporaryFolder('env');
  await using server = await startUp({ ...github.settings, CLUSTER_NAME: 'preview', DATA_DIR: dataDir.path });
  expect(server.stderr()).toMatch(/cluster +preview \(context /);
  expect(server.stderr()).toContain('nobody has a token yet: npx ephemera token create');
  github.setWebhookUrl(`${server.url}/webhooks/github`);
  const api = { EPHEMERA_URL: server.url, EPHEMERA_TOKEN: await tokenOf(dataDir.path, 'environments:read') };

  expect((await run(['env', 'list'], api)).stderr).toContain('No pull request has an environment');
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart', title: 'Add \u001b[2Ja cart' });
  await vi.waitFor(() => expect(pull.status('ephemera/environment')).toBe('success'), { timeout: 60_000 });

  const listed = await run(['env', 'list'], api);
  expect(listed.stdout).toMatch(
    /^ID +PULL REQUEST +STATUS +COMMIT +NAMESPACE +URL\n1 +acme\/shop#1 +ready +[0-9a-f]{7} +pr-1-shop-/,
  );
  const [environment] = JSON.parse((await run(['env', 'list', '--json', '--repository', 'Acme/Shop'], api)).stdout) as {
    namespace: string;
  }[];
  expect(JSON.parse((await run(['env', 'list', '--json', '--repository', 'acme/other'], api)).stdout)).toEqual([]);

  const shown = await run(['env', 'show', environment?.namespace ?? ''], api);
  expect(shown.stdout).toContain('acme/shop#1 Add a cart');
  expect(shown.stdout).toMatch(/step namespace[\s\S]*step guardrails[\s\S]*step quota[\s\S]*ready/);
  expect((await run(['env', 'show', '77'], api)).code).toBe(3);

  await pull.close();
  await vi.waitFor(async () => expect((await run(['env', 'list'], api)).stdout).toBe(''), {
    timeout: 60_000,
  });
  const all = await run(['env', 'list', '--all'], api);
  expect(all.stdout).toMatch(/destroyed +[0-9a-f]{7} +pr-1-shop-\S+ +—$/m);
  expect(all.stdout).not.toContain('http');

  server.child.kill('SIGTERM');
  expect((await server.finished()).code).toBe(0);
});

test('env events, env destroy, env retry and sweep work on a running server, each with the scope that it needs', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  using dataDir = temporaryFolder('commands');
  await using server = await startUp({ ...github.settings, DATA_DIR: dataDir.path });
  github.setWebhookUrl(`${server.url}/webhooks/github`);
  const api = { EPHEMERA_URL: server.url, EPHEMERA_TOKEN: await tokenOf(dataDir.path, 'admin') };
  const reader = { ...api, EPHEMERA_TOKEN: await tokenOf(dataDir.path, 'environments:read') };
  const statusOf = async (id: number) =>
    (JSON.parse((await run(['env', 'show', String(id), '--json'], api)).stdout) as { status: string }).status;
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await vi.waitFor(() => expect(pull.status('ephemera/environment')).toBe('success'), { timeout: 60_000 });

  const events = await run(['env', 'events', '1'], reader);
  expect(events.stdout).toMatch(/^SINCE OPENED +EVENT +COMMIT +MESSAGE\n[\s\S]*step namespace[\s\S]*ready/);
  const names = JSON.parse((await run(['env', 'events', '1', '--json'], reader)).stdout) as { name: string }[];
  expect(names.map(({ name }) => name)).toContain('ready');

  const refused = await run(['env', 'destroy', '1'], reader);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('environments:write');
  const destroyed = await run(['env', 'destroy', '1'], api);
  expect(destroyed).toMatchObject({ code: 0, stdout: expect.stringContaining('npx ephemera env retry 1') as unknown });
  await vi.waitFor(async () => expect(await statusOf(1)).toBe('destroyed'), { timeout: 60_000 });

  const dry = await run(['sweep', '--dry-run', '--json'], api);
  expect(dry.code, dry.stderr).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({ dry_run: true, state: 'done', complete: true, asked_by: 'person' });
  expect(dry.stderr).toMatch(/Sweep \d+ \(dry run\): waiting\n[\s\S]*: done/);

  const retried = await run(['env', 'retry', '1'], api);
  expect(retried).toMatchObject({ code: 0, stdout: expect.stringContaining('no longer held') as unknown });
  await vi.waitFor(async () => expect(await statusOf(2)).toBe('ready'), { timeout: 60_000 });

  await pull.close();
  await vi.waitFor(async () => expect(await statusOf(2)).toBe('destroyed'), { timeout: 60_000 });
});
