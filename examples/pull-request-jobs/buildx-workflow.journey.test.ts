import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startFakeGitHub, type FakeRepository } from '@ephemera/fake-github';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { beforeAll, expect, test } from 'vitest';
import { document000 } from '../test/document-000.ts';
import { borrowNamespace } from '../test/namespace.ts';
import { providePrograms } from '../test/programs.ts';
import { startServer, type Server } from '../test/server.ts';
import { readWorkflow, runSteps, type Ran } from '../test/workflow.ts';

const workflow = readWorkflow(join(import.meta.dirname, 'pull-request-build.yml'));
const job = workflow.jobs['build'];
const canBuild = process.env['EPHEMERA_TEST_BUILDX'] !== undefined;
const audience = workflow.env['EPHEMERA_AUDIENCE'];

beforeAll(() => providePrograms('curl', 'jq'));

interface Where {
  readonly server: Server;
  readonly repository: FakeRepository;
  readonly namespace: string;
  readonly number: number;
}

/** The workflow as GitHub's runner runs it for one pull request. */
async function runWorkflow({ server, repository, namespace, number }: Where): Promise<readonly Ran[]> {
  const { environment } = repository.run({ event: 'pull_request' });
  return runSteps({
    steps: job?.steps ?? [],
    env: { ...workflow.env, ...environment, EPHEMERA_URL: server.url },
    replace: {
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
