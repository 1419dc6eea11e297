import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { expect, test, vi } from 'vitest';
import { ephemeraWith } from '../test/command.ts';
import { kubeconfigWithoutRights } from '../test/limited-account.ts';
import { borrowNamespace } from '../test/namespace.ts';
import { startServer, type Server } from '../test/server.ts';

const canBuild = process.env['EPHEMERA_TEST_BUILDX'] !== undefined;
const patience = { timeout: 120_000, interval: 500 };

interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the endpoint as the holder of a new token. */
async function caller(server: Server): Promise<(body: object) => Promise<Answered>> {
  const token = await server.token('pr-jobs:create', 'pr-jobs:status', 'pr-jobs:logs', 'pr-jobs:cleanup');
  return async (body) => {
    const answer = await fetch(`${server.url}/api/kubernetes/pr-jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
}

test('permission denied: an account without rights is refused with 403 and exit code 3, and told which right it lacks', async () => {
  await using namespace = await borrowNamespace();
  const kubeconfig = await kubeconfigWithoutRights(namespace.name);
  const folder = mkdtempSync(join(tmpdir(), 'ephemera-examples-'));
  const path = join(folder, 'config');
  writeFileSync(path, kubeconfig, { mode: 0o600 });
  try {
    await using server = await startServer({ KUBECONFIG_PATH: path, PR_JOBS_NAMESPACES: namespace.name });
    const call = await caller(server);
    const { status, body } = await call({ name: 'pr-1', namespace: namespace.name });
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'kube.forbidden', retryable: false, details: expect.any(String) as unknown });
    expect((body as { error: string }).error).toMatch(new RegExp(`(create|get|list|patch).*${namespace.name}`));
  } finally {
    rmSync(folder, { recursive: true });
  }
  const encoded = Buffer.from(kubeconfig).toString('base64');
  const command = await ephemeraWith({ KUBECONFIG_LIMITED: encoded }, [
    'pr-job',
    'create',
    'pr-1',
    '-n',
    namespace.name,
  ]);
  expect(command.code).toBe(3);
  expect(command.stderr).toContain('system:serviceaccount:');
  expect(await kubectl(['get', 'jobs,roles,rolebindings', '-n', namespace.name, '-o', 'name'])).toBe('');
});

test('image pull errors: an image that does not exist is the diagnosis of the status, with the words of the registry', async () => {
  await using namespace = await borrowNamespace();
  await using server = await startServer({ PR_JOBS_NAMESPACES: namespace.name });
  const call = await caller(server);
  const created = await call({ name: 'pr-1', namespace: namespace.name, image: 'docker:no-such-tag' });
  expect(created).toMatchObject({ status: 200 });
  const { jobName } = (created.body as { job: { jobName: string } }).job;
  const ask = { action: 'status', name: 'pr-1', namespace: namespace.name, jobName };
  await vi.waitFor(
    async () =>
      expect((await call(ask)).body).toMatchObject({
        status: {
          status: 'Pending',
          diagnosis: { code: 'pod.image_pull', message: expect.stringContaining('docker:no-such-tag') as unknown },
        },
      }),
    patience,
  );
  const token = await server.token('pr-jobs:status');
  const api = { EPHEMERA_URL: server.url, EPHEMERA_TOKEN: token };
  const shown = await ephemeraWith(api, ['pr-job', 'status', 'pr-1', '-n', namespace.name, '--job', jobName]);
  expect(shown.stdout).toMatch(/^state +Pending[^]*^why .*docker:no-such-tag, which cannot be pulled: .*not found/m);
  expect(await call({ action: 'cleanup', name: 'pr-1', namespace: namespace.name })).toMatchObject({ status: 200 });
});

test.runIf(canBuild)(
  'buildx driver issues: where the namespace enforces baseline the job runs and its builder is refused, which the events and doctor say',
  { timeout: 300_000 },
  async () => {
    await using namespace = await borrowNamespace({ 'pod-security.kubernetes.io/enforce': 'baseline' });
    await using server = await startServer({ PR_JOBS_NAMESPACES: namespace.name });
    const call = await caller(server);
    const created = await call({ name: 'pr-1', namespace: namespace.name });
    expect(created).toMatchObject({ status: 200 });
    const { jobName } = (created.body as { job: { jobName: string } }).job;
    await vi.waitFor(async () => {
      const events = await kubectl(['get', 'events', '-n', namespace.name, '-o', 'jsonpath={.items[*].message}']);
      expect(events).toMatch(/violates PodSecurity "baseline/);
    }, patience);
    expect((await call({ action: 'status', name: 'pr-1', namespace: namespace.name, jobName })).body).toMatchObject({
      status: { status: 'Running', active: 1 },
    });
    const settings = { KUBECONFIG_PATH: process.env['EPHEMERA_TEST_KUBECONFIG'], PR_JOBS_NAMESPACES: namespace.name };
    const doctor = await ephemeraWith(settings, ['doctor', '--json', '--skip-probe']);
    expect(JSON.parse(doctor.stdout)).toContainEqual(
      expect.objectContaining({
        check: 'pr-jobs-namespaces',
        ok: false,
        detail: expect.stringMatching(/baseline/) as unknown,
      }),
    );
    const { body } = await call({ action: 'cleanup', name: 'pr-1', namespace: namespace.name });
    expect((body as { removed: string[] }).removed).toContain(`Deployment/${namespace.name}/${jobName}`);
  },
);
