import { readFileSync } from 'node:fs';
import { kubectl } from '@ephemera/local-cluster/kubectl';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  cleanupPullRequestPodJob,
  createBuildxServiceAccount,
  createPullRequestPodJob,
  getPullRequestPodJobLogs,
  getPullRequestPodJobStatus,
} from '../src/index.ts';
import { everythingIn, startWorld } from './world.ts';

const world = await startWorld();
afterAll(() => world[Symbol.asyncDispose]());

beforeEach(() => {
  const file = process.env.EPHEMERA_TEST_KUBECONFIG ?? expect.unreachable();
  vi.stubEnv('KUBECONFIG_OF_TESTS', readFileSync(file).toString('base64'));
  // A server that nobody answers for, so that a wrong choice is seen.
  const nobody = { server: 'https://127.0.0.1:1' };
  const elsewhere = {
    'current-context': 'elsewhere',
    clusters: [{ name: 'c', cluster: nobody }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'elsewhere', context: { cluster: 'c', user: 'u' } }],
  };
  vi.stubEnv('KUBECONFIG_PRODUCTION', Buffer.from(JSON.stringify(elsewhere)).toString('base64'));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('the functions of the document make, watch and remove a job on the cluster that is named', async () => {
  const namespace = await world.namespaceWithPods('seed');
  const cluster = 'of_tests';
  const made = await createPullRequestPodJob({
    name: 'pr-123-build',
    namespace,
    image: 'busybox:1',
    clusterName: cluster,
  });
  expect(made).toEqual({
    jobName: expect.stringMatching(/^pr-job-pr-123-build-\d{13}$/),
    serviceAccountName: 'pr-123-build-buildx-sa',
    namespace,
    created: true,
    profile: 'seed',
    warnings: [],
  });
  expect(await createBuildxServiceAccount('pr-123-build', namespace, cluster)).toMatchObject({ created: false });
  expect(await getPullRequestPodJobStatus(made.jobName, namespace, cluster)).toMatchObject({
    jobName: made.jobName,
    status: expect.stringMatching(/^(Pending|Running)$/),
    succeeded: 0,
    failed: expect.any(Number),
    active: expect.any(Number),
    conditions: [],
  });
  await kubectl(['wait', '--for=condition=Ready=false', 'pod', '-l', 'pr-name=pr-123-build', '-n', namespace]);
  const lines: string[] = [];
  await vi.waitFor(async () => {
    await getPullRequestPodJobLogs(made.jobName, namespace, cluster, { onLine: ({ line }) => void lines.push(line) });
    expect(lines).not.toEqual([]);
  }, 60_000);
  const { removed } = await cleanupPullRequestPodJob('pr-123-build', namespace, cluster);
  expect(removed).toContain(`Job/${namespace}/${made.jobName}`);
  expect(await everythingIn(world.cluster, namespace)).toEqual([]);
});

test('a name that no cluster has is refused with those that there are, and bad input before any cluster is asked', async () => {
  await expect(createPullRequestPodJob({ name: 'a', clusterName: 'moon' })).rejects.toMatchObject({
    code: 'pr_job.cluster_unknown',
    message: expect.stringMatching(/OF_TESTS.*PRODUCTION, elsewhere/),
  });
  const tooLong = 'a'.repeat(43);
  for (const asking of [
    createPullRequestPodJob({ name: tooLong }),
    createBuildxServiceAccount(tooLong),
    cleanupPullRequestPodJob(tooLong),
    getPullRequestPodJobStatus('Not A Name'),
  ])
    await expect(asking).rejects.toMatchObject({ code: 'pr_job.invalid' });
});
