import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test, vi } from 'vitest';
import { run, start } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('env list and env show tell about a running server; up drains and ends at SIGTERM', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  using dataDir = temporaryFolder('env');
  const { EPHEMERA_TEST_KUBECONFIG: kubeconfig, EPHEMERA_TEST_CONTEXT: context } = process.env;
  await using server = start(['up', ...(context === undefined ? [] : ['--context', context])], {
    ...github.settings,
    KUBECONFIG_PATH: kubeconfig,
    CLUSTER_NAME: 'preview',
    DATA_DIR: dataDir.path,
    PORT: '0',
    LOG_LEVEL: 'silent',
  });
  await vi.waitFor(() => expect(server.stderr()).toContain('listens at'), { timeout: 30_000 });
  const EPHEMERA_URL = /listens at (\S+)/.exec(server.stderr())?.[1] ?? '';
  expect(server.stderr()).toMatch(/cluster +preview \(context /);
  github.setWebhookUrl(`${EPHEMERA_URL}/webhooks/github`);

  expect((await run(['env', 'list'], { EPHEMERA_URL })).stderr).toContain('No pull request has an environment');
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart', title: 'Add \u001b[2Ja cart' });
  await vi.waitFor(() => expect(pull.status('ephemera/environment')).toBe('success'), { timeout: 60_000 });

  const listed = await run(['env', 'list'], { EPHEMERA_URL });
  expect(listed.stdout).toMatch(
    /^ID +PULL REQUEST +STATUS +COMMIT +NAMESPACE +URL\n1 +acme\/shop#1 +ready +[0-9a-f]{7} +pr-1-shop-/,
  );
  const [environment] = JSON.parse(
    (await run(['env', 'list', '--json', '--repository', 'Acme/Shop'], { EPHEMERA_URL })).stdout,
  ) as { namespace: string }[];
  expect(
    JSON.parse((await run(['env', 'list', '--json', '--repository', 'acme/other'], { EPHEMERA_URL })).stdout),
  ).toEqual([]);

  const shown = await run(['env', 'show', environment?.namespace ?? ''], { EPHEMERA_URL });
  expect(shown.stdout).toContain('acme/shop#1 Add a cart');
  expect(shown.stdout).toMatch(/step namespace[\s\S]*step guardrails[\s\S]*step quota[\s\S]*ready/);
  expect((await run(['env', 'show', '77'], { EPHEMERA_URL })).code).toBe(3);

  await pull.close();
  await vi.waitFor(async () => expect((await run(['env', 'list'], { EPHEMERA_URL })).stdout).toBe(''), {
    timeout: 60_000,
  });
  expect((await run(['env', 'list', '--all'], { EPHEMERA_URL })).stdout).toContain('destroyed');

  server.child.kill('SIGTERM');
  expect((await server.finished()).code).toBe(0);
});
