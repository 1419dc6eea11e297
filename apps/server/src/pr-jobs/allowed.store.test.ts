import { expect, test } from 'vitest';
import { startPrJobApp } from '../../test/pr-job-app.ts';
import { saveRepository } from '../store/repositories.ts';

/** The same cluster by another address, and one that nothing listens at. */
function environmentOf(ownAddress: string): Record<string, string> {
  const packed = (server: string) =>
    Buffer.from(
      JSON.stringify({
        'current-context': 'only',
        contexts: [{ name: 'only', context: { cluster: 'only', user: 'me' } }],
        clusters: [{ name: 'only', cluster: { server } }],
        users: [{ name: 'me', user: { token: 'very-secret' } }],
      }),
    ).toString('base64');
  return {
    KUBECONFIG_OUTSIDE: packed(ownAddress.replace('127.0.0.1', 'localhost')),
    KUBECONFIG_PRODUCTION: packed('http://127.0.0.1:1'),
  };
}

test('a name on a cluster is taken for another repository by whatever address the cluster is reached', async () => {
  await using app = await startPrJobApp({}, environmentOf);
  const { db } = app.server.database;
  app.cluster.objects.set('/version', { kind: 'Info', metadata: {}, gitVersion: 'v1.36.3' });
  app.cluster.objects.set('/api/v1/namespaces/kube-system', {
    kind: 'Namespace',
    metadata: { name: 'kube-system', uid: 'uid-of-own' },
  });
  await saveRepository(db, { id: 42, installationId: 5, fullName: 'acme/shop' });
  await saveRepository(db, { id: 43, installationId: 5, fullName: 'acme/blog' });
  const shop = await app.as({ repositories: ['acme/shop'] });
  const blog = await app.as({ repositories: ['acme/blog'] });
  const made = await shop.post({ name: 'pr-12' });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  const outside = { name: 'pr-12', clusterName: 'OUTSIDE' };
  expect(await blog.post(outside)).toMatchObject({ status: 409, body: { code: 'pr_job.name_taken' } });
  const status = { ...outside, action: 'status', jobName: made.body.job?.jobName };
  expect((await blog.post(status)).status).toBe(404);
  expect((await blog.post({ ...outside, action: 'cleanup' })).status).toBe(404);
  expect(app.jobs()).toHaveLength(1);
  expect((await shop.post(status)).status).toBe(200);
});

test('an event has the name of the cluster that the caller used, and the cluster of the server has none', async () => {
  await using app = await startPrJobApp({}, (address) => ({
    ...environmentOf(address),
    KUBECONFIG_ELSEWHERE: environmentOf(address)['KUBECONFIG_OUTSIDE'] ?? '',
  }));
  app.cluster.objects.set('/version', { kind: 'Info', metadata: {}, gitVersion: 'v1.36.3' });
  const ci = await app.as();
  await ci.post({ name: 'a' });
  await ci.post({ name: 'a', clusterName: 'elsewhere' });
  await ci.post({ name: 'a', clusterName: 'production' });
  const events = await ci.events('name=a');
  expect(events.map((event) => event['cluster'])).toEqual(['production', 'elsewhere', '']);
});

test('a cluster that callers may not name is 403 with those that they may, for each action, and it is not asked', async () => {
  await using app = await startPrJobApp({ PR_JOBS_CLUSTERS: 'OUTSIDE' }, environmentOf);
  const ci = await app.as();
  for (const body of [
    { name: 'a' },
    { action: 'status', name: 'a', jobName: 'pr-job-a-1700000000000' },
    { action: 'cleanup', name: 'a' },
  ]) {
    const { status, body: answer } = await ci.post({ ...body, clusterName: 'PRODUCTION' });
    expect(`${status} ${answer.code}: ${answer.error}`).toBe(
      '403 pr_job.cluster_not_allowed: Pull-request jobs may not use the cluster PRODUCTION here: allowed is OUTSIDE.',
    );
  }
});

test('where the settings say minimal, the profile seed is 403 and nothing is made', async () => {
  await using app = await startPrJobApp({ PR_JOBS_PROFILE: 'minimal' });
  const ci = await app.as();
  expect(await ci.post({ name: 'a', profile: 'seed' })).toMatchObject({
    status: 403,
    body: { code: 'pr_job.profile_not_allowed', details: expect.stringContaining('PR_JOBS_PROFILE') as unknown },
  });
  expect(app.jobs()).toEqual([]);
  expect((await ci.post({ name: 'a' })).body.job?.profile).toBe('minimal');
});
