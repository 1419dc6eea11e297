import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { node } from '../test/command.ts';
import { document000, documentedJobName } from '../test/document-000.ts';
import { exampleCommand, usersOwnPath } from '../test/example-command.ts';
import { providePrograms } from '../test/programs.ts';
import { run } from '../test/run.ts';
import { startServer } from '../test/server.ts';

const name = 'pr-123-build';
const root = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
const isOurCluster = process.env['EPHEMERA_TEST_KUBECONFIG'] !== undefined;
const canBuild = process.env['EPHEMERA_TEST_BUILDX'] !== undefined;

beforeAll(() => providePrograms('curl', 'jq'));

/** A documented command, run by bash. */
async function shell(command: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
  const { PATH, HOME } = process.env;
  const { code, stdout, stderr } = await run(['bash', '-euo', 'pipefail', '-c', command], {
    cwd: root,
    env: { PATH, HOME, ...env },
  });
  expect(code, stderr).toBe(0);
  return stdout;
}

/** One of the documented kubectl commands, with the name of the pull request in its place, on the cluster of the tests. */
function documentedKubectl(command: string): Promise<string> {
  const [program, ...args] = command.replaceAll('your-pr-name', name).split(' ');
  expect(program).toBe('kubectl');
  return kubectl(args);
}

/** Calls of the package from a program, as a user writes them; what it prints as JSON. */
async function program(body: string): Promise<unknown> {
  const source = `import * as pod from '@ephemera/pull-request-pod';\nconsole.log(JSON.stringify(await (async () => { ${body} })()));`;
  const { code, stdout, stderr } = await node(['--input-type=module', '-'], source);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** The command of the README, as it stands there, on the cluster of the tests. */
function runExample(): Promise<string> {
  const KUBECONFIG_PATH = process.env['EPHEMERA_TEST_KUBECONFIG'];
  return shell(exampleCommand(readme), { ...usersOwnPath(), KUBECONFIG_PATH });
}

async function nothingIsLeft(): Promise<void> {
  const kinds = 'jobs,pods,serviceaccounts,roles,rolebindings,deployments,statefulsets,secrets,configmaps';
  const all = await kubectl(['get', kinds, '-n', 'default', '-o', 'name']);
  expect(all.split('\n').filter((object) => object.includes(name))).toEqual([]);
}

const hour = 3600;

// One after the other: what is documented is one name in the namespace `default`. Of a user's cluster that is not ours to use.
describe.runIf(isOurCluster)('document 000, word for word', { concurrent: false, timeout: 300_000 }, () => {
  test.runIf(canBuild)(
    'its TypeScript example creates a job that builds with buildx, and its kubectl commands show job, log, account and rights',
    async () => {
      const [, jobName = ''] = /^Created job: (pr-job-pr-123-build-\d{13})\n$/.exec(await runExample()) ?? [];
      expect(jobName).not.toBe('');
      const lines = await program(`
      const lines = [];
      await pod.getPullRequestPodJobLogs('${jobName}', 'default', undefined, {
        follow: true, signal: AbortSignal.timeout(140_000), onLine: ({ line }) => { lines.push(line); },
      });
      return lines;`);
      expect(lines).toContainEqual(expect.stringContaining('my-image was built successfully'));

      await vi.waitFor(
        async () =>
          expect(await program(`return pod.getPullRequestPodJobStatus('${jobName}', 'default');`)).toMatchObject({
            jobName,
            status: 'Complete',
            succeeded: 1,
            failed: 0,
            active: 0,
            conditions: expect.arrayContaining([
              expect.objectContaining({ type: 'Complete', status: 'True' }),
            ]) as unknown,
          }),
        { timeout: 30_000, interval: 500 },
      );

      const { jobs, logs, account, role } = document000.debugging;
      expect(await documentedKubectl(jobs)).toMatch(
        new RegExp(`^NAME +STATUS +COMPLETIONS[^\\n]*\\n${jobName} +Complete +1/1 `),
      );
      expect(await documentedKubectl(logs)).toContain('my-image was built successfully');
      expect(await documentedKubectl(account)).toMatch(/^NAME +\S[^\n]*\npr-123-build-buildx-sa /);
      const described = await documentedKubectl(role);
      expect(described).toMatch(/^Name: +pr-123-build-buildx-role\n/);
      expect(described).toContain('app=catalyst-buildx');
      expect(described).toMatch(/^ +pods +\[\] +\[\] +\[create get list watch delete\]$/m);
      expect(described).toMatch(/^ +pods\/log +\[\] +\[\] +\[get\]$/m);
      for (const kind of ['configmaps', 'secrets']) {
        expect(described).toMatch(new RegExp(`^ +${kind} +\\[\\] +\\[\\] +\\[[^\\]]*get list[^\\]]*\\]$`, 'm'));
      }

      const { removed } = (await program(`return pod.cleanupPullRequestPodJob('${name}', 'default');`)) as {
        removed: string[];
      };
      expect(removed).toContain(`Job/default/${jobName}`);
      await nothingIsLeft();
    },
  );

  test('its three curl calls, at a server and with a token, create a job, tell its status and clean up', async () => {
    await using server = await startServer({});
    const token = await server.token('pr-jobs:create', 'pr-jobs:status', 'pr-jobs:cleanup');
    const env = { EPHEMERA_URL: server.url, EPHEMERA_TOKEN: token };
    const call = async (documented: string): Promise<unknown> => {
      const command = documented.replace(
        'curl -X POST /api',
        `curl -s -H @<(printf 'Authorization: Bearer %s' "$EPHEMERA_TOKEN") -X POST "$EPHEMERA_URL"/api`,
      );
      return JSON.parse(await shell(command, env));
    };
    const created = (await call(document000.create)) as { job: { jobName: string } };
    expect(created).toMatchObject({
      success: true,
      message: expect.any(String) as unknown,
      job: { serviceAccountName: `${name}-buildx-sa`, namespace: 'default', created: true },
    });
    const { jobName } = created.job;
    expect(jobName).toMatch(/^pr-job-pr-123-build-\d{13}$/);
    expect(await call(document000.status)).toMatchObject({
      error: expect.any(String) as unknown,
      code: 'pr_job.not_found',
    });
    expect(await call(document000.status.replace(documentedJobName, jobName))).toMatchObject({
      success: true,
      status: { jobName, status: expect.stringMatching(/^(Pending|Running)$/) as unknown, succeeded: 0, failed: 0 },
    });

    const job = JSON.parse(await kubectl(['get', 'job', jobName, '-o', 'json'])) as {
      metadata: { labels: object };
      spec: { template: { spec: object } };
    };
    expect(job).toMatchObject({
      metadata: { labels: { app: 'catalyst-pr-job', 'pr-name': name, 'created-by': 'catalyst-web-app' } },
      spec: {
        backoffLimit: 3,
        ttlSecondsAfterFinished: hour,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [
              {
                name: 'buildx-container',
                image: 'docker:24-dind',
                resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
              },
            ],
          },
        },
      },
    });

    expect(await call(document000.cleanup)).toMatchObject({
      success: true,
      message: expect.any(String) as unknown,
      removed: expect.arrayContaining([
        `Job/default/${jobName}`,
        `ServiceAccount/default/${name}-buildx-sa`,
      ]) as unknown,
    });
    await nothingIsLeft();
  });

  test('curl.sh makes the three calls one after the other', async () => {
    await using server = await startServer({});
    const token = await server.token('pr-jobs:create', 'pr-jobs:status', 'pr-jobs:cleanup');
    const said = await shell('bash examples/pull-request-jobs/curl.sh', {
      EPHEMERA_URL: server.url,
      EPHEMERA_TOKEN: token,
    });
    const answers = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { success?: boolean });
    expect(answers.map(({ success }) => success)).toEqual([true, true, true]);
    await nothingIsLeft();
  });
});
