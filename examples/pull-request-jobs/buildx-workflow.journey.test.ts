import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startFakeGitHub, type FakeRepository } from '@ephemera/fake-github';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { beforeAll, expect, test } from 'vitest';
import { document000 } from '../test/document-000.ts';
import { borrowNamespace } from '../test/namespace.ts';
import { providePrograms } from '../test/programs.ts';
import { startServer, type Server } from '../test/server.ts';
import { parse } from 'yaml';
import { readWorkflow, runSteps, type Ran, type WorkflowStep } from '../test/workflow.ts';

const workflow = readWorkflow(join(import.meta.dirname, 'pull-request-build.yml'));
const job = workflow.jobs['build'];
const canBuild = process.env['EPHEMERA_TEST_BUILDX'] !== undefined;
const audience = workflow.env['EPHEMERA_OIDC_AUDIENCE'];

beforeAll(() => providePrograms('curl', 'jq'));

/** As GitHub numbers runs. */
const aRun = { GITHUB_RUN_ID: '7304', GITHUB_RUN_ATTEMPT: '1' };
const hostileBranch = 'feat/"\'`id`;#';

interface Where {
  readonly server: Server;
  readonly repository: FakeRepository;
  readonly namespace: string;
  readonly number: number;
  /** Default: its own. */
  readonly steps?: readonly WorkflowStep[];
}

/** The workflow as GitHub's runner runs it for one pull request. */
async function runWorkflow({
  server,
  repository,
  namespace,
  number,
  steps = job?.steps ?? [],
}: Where): Promise<readonly Ran[]> {
  const { environment } = repository.run({ event: 'pull_request' });
  return runSteps({
    steps,
    env: { ...workflow.env, ...environment, ...aRun, EPHEMERA_URL: server.url },
    replace: {
      '${{ github.repository }}': 'acme/shop',
      '${{ github.head_ref }}': hostileBranch,
      '${{ github.token }}': 'ghs_hunter2',
      '${{ secrets.DOCKER_CONFIG_JSON }}': '{"auths":{}}',
      '${{ github.event.number }}': String(number),
      'https://your-app.com/api': `${server.url}/api`,
      builds: namespace,
    },
  });
}

/** All tokens of a run, as it asked the runner to mask them. */
function masked(ran: readonly Ran[]): readonly string[] {
  return ran.flatMap(({ stdout }) => [...stdout.matchAll(/^::add-mask::(.+)$/gm)].map(([, token = '']) => token));
}

async function everythingOf(namespace: string, name: string): Promise<string> {
  const kinds = 'jobs,pods,serviceaccounts,roles,rolebindings,deployments,statefulsets,configmaps,secrets';
  const ours = await kubectl(['get', kinds, '-n', namespace, '-l', 'created-by=catalyst-web-app', '-o', 'name']);
  const builders = await kubectl(['get', kinds, '-n', namespace, '-o', 'name']);
  return (
    ours +
    builders
      .split('\n')
      .filter((each) => each.includes(`pr-job-${name}-`))
      .join('\n')
  );
}

test('the workflow asks for no secret and for no more than a token of its run, and has the documented step', () => {
  expect(workflow.permissions).toEqual({ 'id-token': 'write', contents: 'read' });
  expect(JSON.stringify(workflow)).not.toContain('secrets.');
  expect(job?.if).toBe('github.event.pull_request.head.repo.full_name == github.repository');
  const [, name = '', lines = ''] = /^- name: (.*)\n {2}run: \|\n([\s\S]*)$/.exec(document000.step) ?? [];
  const documented = lines.replaceAll(/^ {4}/gm, '').trimEnd();
  expect(documented).toContain('curl -X POST https://your-app.com/api/kubernetes/pr-jobs');
  expect(job?.steps.find((step) => step.name === name)?.run).toContain(documented);
  // The documented line has the name in it, all else takes it from here.
  expect(documented).toContain(`"name": "${workflow.env['NAME']}"`);
  expect(JSON.stringify(workflow).split('pr-${{ github.event.number }}')).toHaveLength(3);
});

test.runIf(canBuild)(
  'the workflow logs in by OpenID Connect, creates a job, shows its log, is green when it is complete, and cleans up',
  { timeout: 300_000 },
  async () => {
    await using github = await startFakeGitHub({ port: 0 });
    await using namespace = await borrowNamespace();
    await using server = await startServer({
      ...github.settings,
      OIDC_AUDIENCE: audience,
      PR_JOBS_NAMESPACES: namespace.name,
    });
    const repository = await github.repository({ owner: 'acme', name: 'shop' });
    const number = 1000 + (randomBytes(2).readUInt16BE() % 9000);
    const ran = await runWorkflow({ server, repository, namespace: namespace.name, number });
    const byName = Object.fromEntries(ran.map((each) => [each.name, each]));
    expect(
      ran.map(({ name, code, stdout, trace }) => ({ name, code, said: code === 0 ? '' : stdout + trace })),
    ).toEqual((job?.steps ?? []).map(({ name }) => ({ name, code: 0, said: '' })));

    const created = byName['Create PR Build Job']?.stdout ?? '';
    expect(created).toMatch(new RegExp(`"jobName":"pr-job-pr-${number}-\\d{13}"`));
    const log = byName['Follow its log']?.stdout ?? '';
    const [, pause = ''] = /^::stop-commands::([0-9a-f]{32})$/m.exec(log) ?? [];
    const quiet = log.slice(log.indexOf(`::stop-commands::${pause}`), log.indexOf(`\n::${pause}::`));
    expect(quiet).toContain('my-image was built successfully');
    expect(byName['Wait for its end']?.stdout).toMatch(new RegExp(`^pr-job-pr-${number}-\\d{13}: Complete$`, 'm'));
    expect(byName['Clean up']?.stdout).toContain('"success":true');
    expect(await everythingOf(namespace.name, `pr-${number}`)).toBe('');

    expect(byName['Clean up']?.trace).toContain('+ jq --exit-status');
    const tokens = masked(ran);
    expect(tokens.length).toBeGreaterThanOrEqual(4);
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) {
      for (const { stdout, trace } of ran) {
        expect(trace).not.toContain(token);
        expect(stdout.replaceAll(`::add-mask::${token}`, '')).not.toContain(token);
      }
    }
  },
);

test('the workflow is red with the reason of the server, and still cleans up, where the namespace is not allowed', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  await using server = await startServer({ ...github.settings, OIDC_AUDIENCE: audience });
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const ran = await runWorkflow({ server, repository, namespace: 'elsewhere', number: 7 });
  expect(ran.map(({ name, code }) => [name, code])).toEqual([
    ['Prepare to log in', 0],
    ['Create PR Build Job', 22],
    ['Clean up', 22],
  ]);
  for (const { stdout } of ran.slice(1)) expect(stdout).toContain('"code":"pr_job.namespace_not_allowed"');
});

test('the step of the README sends branch, token and registry credentials of the pull request, and shows none of them', async () => {
  await using github = await startFakeGitHub({ port: 0 });
  await using namespace = await borrowNamespace();
  await using server = await startServer({
    ...github.settings,
    OIDC_AUDIENCE: audience,
    PR_JOBS_NAMESPACES: namespace.name,
  });
  const repository = await github.repository({ owner: 'acme', name: 'shop' });
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const [own] = parse(/```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '') as WorkflowStep[];
  const steps = (job?.steps ?? []).flatMap((step) =>
    step.name === own?.name ? [own] : step.id === 'login' ? [step] : [],
  );
  const ran = await runWorkflow({ server, repository, namespace: namespace.name, number: 7, steps });
  expect(ran.map(({ name, code, stdout, trace }) => [name, code, code === 0 ? '' : stdout + trace])).toEqual([
    ['Prepare to log in', 0, ''],
    ['Create PR Build Job', 0, ''],
  ]);
  const { items } = JSON.parse(await kubectl(['get', 'jobs,secrets', '-n', namespace.name, '-o', 'json'])) as {
    readonly items: readonly { readonly kind: string; readonly data?: Readonly<Record<string, string>> }[];
  };
  const secret = items.find(({ kind }) => kind === 'Secret')?.data ?? {};
  expect(Object.fromEntries(Object.entries(secret).map(([key, value]) => [key, atob(value)]))).toMatchObject({
    token: 'ghs_hunter2',
    'config.json': '{"auths":{}}',
  });
  const made = JSON.stringify(items.find(({ kind }) => kind === 'Job'));
  for (const value of [hostileBranch, 'https://github.com/acme/shop', 'registry.example.com/shop:pr-7'])
    expect(made).toContain(`"value":${JSON.stringify(value)}`);
  for (const { stdout, trace } of ran) expect(stdout + trace).not.toContain('ghs_hunter2');
});

test.each([{}, { value: '' }, { value: 7 }])(
  'where GitHub answers %j instead of a token the workflow says so, and asks the server for nothing',
  async (answer) => {
    const github = createServer((_request, response) => void response.end(JSON.stringify(answer)));
    await once(github.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
    const ran = await runSteps({
      steps: job?.steps ?? [],
      env: { ...workflow.env, ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'eyJ' },
      replace: { '${{ github.event.number }}': '7' },
    });
    await new Promise((resolve) => github.close(resolve));
    expect(ran.map(({ name, code }) => [name, code])).toEqual([
      ['Prepare to log in', 0],
      ['Create PR Build Job', 1],
      ['Clean up', 1],
    ]);
    for (const { stdout } of ran.slice(1))
      expect(stdout).toBe(`::error::GitHub gave no token for the audience ${audience}.\n`);
  },
);

test('nothing is cleaned up where the workflow could not prepare to log in', async () => {
  const steps = (job?.steps ?? []).map((step) => (step.id === 'login' ? { ...step, run: 'exit 1' } : step));
  const ran = await runSteps({
    steps,
    env: workflow.env,
    replace: { '${{ github.event.number }}': '7' },
  });
  expect(ran.map(({ name, code }) => [name, code])).toEqual([['Prepare to log in', 1]]);
});
