import { startFakeGitHub } from '@ephemera/fake-github';
import { connectCluster, instanceOwner, findAccess } from '@ephemera/kube';
import { expect, test, vi } from 'vitest';
import { run, start } from './command.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Finding {
  readonly check: string;
  readonly ok: boolean | null;
  readonly detail: string;
  readonly hint?: string;
}

const patience = { timeout: 60_000, interval: 100 };
const { EPHEMERA_TEST_KUBECONFIG: KUBECONFIG_PATH, EPHEMERA_TEST_CONTEXT: context } = process.env;
const contextArgs = context === undefined ? [] : ['--context', context];

const verdicts = (stdout: string): Record<string, boolean | null> =>
  Object.fromEntries((JSON.parse(stdout) as Finding[]).map(({ check, ok }) => [check, ok]));

test('doctor finds all well with a running server, and after the webhook’s secret was changed that nothing arrives', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  using folder = temporaryFolder('doctor');
  const settings = { ...github.settings, KUBECONFIG_PATH, DATA_DIR: folder.path, PORT: '0', LOG_LEVEL: 'silent' };
  await using server = start(['up', ...contextArgs], { ...settings, GITHUB_WEBHOOK_SECRET: 'another secret' });
  await vi.waitFor(() => expect(server.stderr()).toContain('listens at'), patience);
  const EPHEMERA_URL = /listens at (\S+)/.exec(server.stderr())?.[1] ?? '';
  github.setWebhookUrl(`${EPHEMERA_URL}/webhooks/github`);
  const ask = (args: readonly string[]) => run(['doctor', ...contextArgs, ...args], { ...settings, EPHEMERA_URL });

  const well = await ask(['--json', '--skip-probe']);
  expect(verdicts(well.stdout), well.stdout).toEqual({
    settings: true,
    cluster: true,
    // The account of the tests may do everything.
    'cluster-rights': null,
    database: true,
    disk: true,
    clock: true,
    // The fake’s App has rights for other tests too.
    'github-app': null,
    // Installed nowhere as long as there is no repository.
    'github-installations': null,
    // Nothing was delivered yet.
    webhook: null,
    server: true,
    // Nobody has asked for pull-request jobs.
    'pr-jobs-namespaces': expect.toBeOneOf([true, null]) as unknown,
    'pr-jobs-guard': expect.toBeOneOf([true, null]) as unknown,
    'named-clusters': true,
    oidc: true,
    // Nobody has asked for sandboxes.
    sandboxes: expect.toBeOneOf([true, null]) as unknown,
    'network-policies': null,
  });
  expect(well.code).toBe(0);

  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const pull = await repository.open({ head: 'feat/cart' });
  await vi.waitFor(() => expect(pull.view().deliveries.map(({ status }) => status)).toEqual([401]), patience);
  const broken = await ask(['--skip-probe']);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/^✘ webhook .* ended with 401/m);
  expect(broken.stdout).toContain('The secrets differ');
  expect(broken.stdout).toContain('1 broken');
  expect(broken.stdout + broken.stderr).not.toContain(settings.GITHUB_WEBHOOK_SECRET);
});

test('doctor tells everything that is broken at once, and each only once', async () => {
  using folder = temporaryFolder('doctor');
  const { code, stdout } = await run(['doctor', '--json'], {
    HOME: folder.path,
    DATABASE_URL: 'postgres://somebody:hidden@127.0.0.1:1/ephemera',
    PORT: 'http',
    EPHEMERA_URL: 'http://127.0.0.1:1',
  });
  expect(code).toBe(1);
  expect(verdicts(stdout)).toEqual({
    settings: false,
    cluster: false,
    'cluster-rights': null,
    database: false,
    disk: true,
    clock: null,
    'github-app': null,
    'github-installations': null,
    webhook: null,
    server: null,
    'pr-jobs-namespaces': null,
    'pr-jobs-guard': null,
    'named-clusters': true,
    oidc: true,
    sandboxes: null,
    'network-policies': null,
  });
  expect(stdout).not.toContain('hidden');
});

/** The namespaces of trials that are there now. */
async function trials(): Promise<string[]> {
  const access = findAccess({ kubeconfigPath: KUBECONFIG_PATH, context });
  await using cluster = await connectCluster(access, instanceOwner('doctor-test'));
  const { items } = await cluster.list('v1/Namespace');
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('ephemera-doctor-'));
}

test('Ctrl-C during the trial of network policies ends with 130, and its namespace is removed', async () => {
  using folder = temporaryFolder('doctor');
  await using doctor = start(['doctor', ...contextArgs], { KUBECONFIG_PATH, DATA_DIR: folder.path });
  await vi.waitFor(async () => expect(await trials()).not.toEqual([]), patience);
  doctor.child.kill('SIGINT');
  const { code, stdout } = await doctor.finished();
  expect(code).toBe(130);
  expect(stdout).toBe('');
  expect(await trials()).toEqual([]);
});
