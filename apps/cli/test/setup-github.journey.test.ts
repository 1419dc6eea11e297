import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { startFakeGitHub } from '@ephemera/fake-github';
import { expect, test, vi } from 'vitest';
import { start, type Running } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const unescape = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** The address of the page, once it is served. */
async function pageOf(setup: Running): Promise<string> {
  await vi.waitFor(() => expect(setup.stderr()).toContain('Waiting for GitHub'), { timeout: 20_000 });
  return /(http:\/\/127\.0\.0\.1:\d+)/.exec(setup.stderr())?.[1] ?? '';
}

/** What the person does: confirms on GitHub, and is sent back. Returns the form's target and the last page. */
async function confirm(page: string): Promise<{ action: string; back: Response }> {
  const html = await (await fetch(page)).text();
  const action = unescape(/action="([^"]*)"/.exec(html)?.[1] ?? '');
  const manifest = unescape(/name="manifest" value="([^"]*)"/.exec(html)?.[1] ?? '');
  const confirmed = await fetch(action, {
    method: 'POST',
    body: new URLSearchParams({ manifest }),
    redirect: 'manual',
  });
  expect(confirmed.status).toBe(302);
  return { action, back: await fetch(confirmed.headers.get('location') ?? '') };
}

const exchange = { method: 'POST', path: '/app-manifests/*/conversions' } as const;

test('an App whose key GitHub does not hand out is named with the page on which it is deleted', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  const { GITHUB_API_URL: fake } = github.settings;
  using folder = temporaryFolder('setup');
  const out = join(folder.path, 'ephemera.env');
  github.faults([
    { match: exchange, fault: { status: 503 }, times: 1 },
    { match: exchange, fault: { status: 404 } },
  ]);
  await using setup = start(
    ['setup', 'github', '--no-open', '--github-url', fake, '--organization', 'acme', '--name', 'ours', '--out', out],
    { GITHUB_API_URL: fake },
  );
  const { back } = await confirm(await pageOf(setup));
  expect(back.status).toBe(502);
  const { code, stderr } = await setup.finished();
  expect(code, stderr).toBe(3);
  expect(stderr).toContain('It is tried again.');
  expect(stderr).toContain('GitHub has made the App (ours,');
  expect(stderr).toContain(`Delete the App at ${fake}/organizations/acme/settings/apps`);
  expect(existsSync(out)).toBe(false);
});

test('setup github makes the App with the least permissions, and up --env-file runs with what it wrote', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  const { GITHUB_API_URL: fake } = github.settings;
  using folder = temporaryFolder('setup');
  const out = join(folder.path, 'ephemera.env');
  await using setup = start(
    ['setup', 'github', '--no-open', '--github-url', fake, '--url', 'https://ephemera.example.com', '--out', out],
    { GITHUB_API_URL: fake },
  );
  const page = await pageOf(setup);

  // What did not begin here ends nothing here.
  expect((await fetch(`${page}/done?code=stolen&state=guessed`)).status).toBe(400);

  const { action, back } = await confirm(page);
  expect(action).toContain(`${fake}/settings/apps/new?state=`);
  expect(back.status, await back.text()).toBe(200);

  const done = await setup.finished();
  expect(done.code, done.stderr).toBe(0);
  expect(done.stdout).toContain('/installations/new');
  expect(done.stdout).toContain('npx ephemera up --env-file');
  const written = parseEnv(readFileSync(out, 'utf8'));
  expect(Object.keys(written)).toEqual([
    'GITHUB_API_URL',
    'GITHUB_APP_ID',
    'GITHUB_APP_PRIVATE_KEY_PATH',
    'GITHUB_WEBHOOK_SECRET',
  ]);
  const key = join(folder.path, 'ephemera.private-key.pem');
  for (const path of [out, key]) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(done.stdout + done.stderr).not.toContain(written['GITHUB_WEBHOOK_SECRET']);

  const { EPHEMERA_TEST_KUBECONFIG: kubeconfig, EPHEMERA_TEST_CONTEXT: context } = process.env;
  using dataDir = temporaryFolder('setup-data');
  await using server = start(['up', '--env-file', out, ...(context === undefined ? [] : ['--context', context])], {
    KUBECONFIG_PATH: kubeconfig,
    DATA_DIR: dataDir.path,
    PORT: '0',
    LOG_LEVEL: 'silent',
  });
  await vi.waitFor(() => expect(server.stderr()).toContain('listens at'), { timeout: 60_000 });
  expect(server.stderr()).toContain(`App ${written['GITHUB_APP_ID']} at ${fake}`);
  github.setWebhookUrl(`${/listens at (\S+)/.exec(server.stderr())?.[1]}/webhooks/github`);
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await vi.waitFor(() => expect(pull.status('ephemera/environment')).toBe('success'), { timeout: 60_000 });
  expect(pull.view().deliveries.map(({ status }) => status)).toEqual([202]);
  await pull.close();
  await vi.waitFor(() => expect(pull.view().statuses.at(-1)?.description).toBe('Removed'), { timeout: 60_000 });
  expect(github.violations).toEqual([]);
});
