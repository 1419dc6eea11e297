import { sql } from 'kysely';
import { expect } from 'vitest';
import { startPrJobApp, url } from '../../test/pr-job-app.ts';
import { testOfRepositories as test } from '../../test/with-pr-jobs.ts';

test('each action needs its scope, and the refusal is the same as elsewhere', async ({ app }) => {
  const none = await app.as({ scopes: ['environments:read'] });
  for (const [action, body] of [
    ['create', { name: 'a' }],
    ['status', { action: 'status', name: 'a', jobName: 'pr-job-a-1700000000000' }],
    ['cleanup', { action: 'cleanup', name: 'a' }],
  ] as const) {
    const { status, headers, body: answer } = await none.post(body);
    expect(status).toBe(403);
    expect(answer).toMatchObject({ code: 'token.scope_missing', details: expect.any(String) as unknown });
    expect(answer.error).toContain(`pr-jobs:${action}`);
    expect(headers['www-authenticate']).toContain(`error="insufficient_scope", scope="pr-jobs:${action}"`);
    const only = await app.as({ scopes: [`pr-jobs:${action}`] });
    expect((await only.post(body)).status).not.toBe(403);
  }
  const logs = `${url}/pr-job-a-1700000000000/logs`;
  expect((await none.get(logs)).status).toBe(403);
  expect((await (await app.as({ scopes: ['pr-jobs:logs'] })).get(logs)).status).toBe(404);
});

test('a namespace or an image that is not allowed is 403 with what is, and nothing is made', async ({ app }) => {
  const ci = await app.as({ namespaces: ['builds', 'default'], images: ['docker:24*'] });
  const refused = async (body: object) => {
    const { status, body: answer } = await ci.post(body);
    return `${status} ${answer.code}: ${answer.error}`;
  };
  expect(await refused({ name: 'a', namespace: 'kube-system' })).toBe(
    '403 pr_job.namespace_not_allowed: Pull-request jobs may not use the namespace kube-system here: allowed are default, builds.',
  );
  expect(await refused({ name: 'a', namespace: 'missing' })).toContain('allowed are default, builds.');
  expect(await refused({ name: 'a', image: 'alpine:3' })).toContain(
    '403 pr_job.image_not_allowed: Pull-request jobs may not run the image alpine:3 here: allowed is docker:*.',
  );
  expect(await refused({ name: 'a', image: 'docker:25' })).toContain('allowed is docker:24*.');
  for (const action of ['status', 'cleanup'])
    expect(
      await refused({ action, name: 'a', namespace: 'kube-system', ...(action === 'status' && { jobName: 'x' }) }),
    ).toContain('403 pr_job.namespace_not_allowed');
  expect(app.jobs()).toEqual([]);
  expect(await app.server.database.db.selectFrom('prJobNames').selectAll().execute()).toEqual([]);
  expect((await ci.post({ name: 'a', image: 'docker.io/library/docker:24-dind' })).status).toBe(200);
});

test('a namespace that is not there is 404, and a cluster that is not there too', async ({ app, anyone }) => {
  expect(await anyone.post({ name: 'a', namespace: 'missing' })).toMatchObject({
    status: 404,
    body: { code: 'pr_job.namespace_missing', details: expect.any(String) as unknown },
  });
  expect(await anyone.post({ name: 'a', clusterName: 'elsewhere' })).toMatchObject({
    status: 404,
    body: { code: 'pr_job.cluster_unknown' },
  });
  // What is refused takes no name.
  expect(await app.server.database.db.selectFrom('prJobNames').selectAll().execute()).toEqual([]);
  expect(await anyone.post({ name: 'a', clusterName: 'here' })).toMatchObject({ status: 200 });
});

test('a name belongs to the repository that uses it: for another one it is taken, and its jobs are not there', async ({
  app,
  shop,
  blog,
  anyone,
}) => {
  const made = await shop.post({ name: 'pr-12' });
  const jobName = made.body.job?.jobName ?? '';
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  expect(await blog.post({ name: 'pr-12' })).toMatchObject({ status: 409, body: { code: 'pr_job.name_taken' } });
  const status = { action: 'status', name: 'pr-12', jobName };
  expect(await blog.post(status)).toMatchObject({ status: 404, body: { code: 'pr_job.not_found' } });
  expect((await blog.get(`${url}/${jobName}/logs`)).status).toBe(404);
  expect(await blog.post({ action: 'cleanup', name: 'pr-12' })).toMatchObject({
    status: 404,
    body: { code: 'pr_job.name_not_found' },
  });
  expect(app.jobs()).toEqual([jobName]);
  for (const caller of [shop, anyone])
    expect(await caller.post(status)).toMatchObject({ status: 200, body: { status: { jobName, status: 'Pending' } } });
  expect((await shop.post({ action: 'cleanup', name: 'pr-12' })).status).toBe(200);
  expect(app.jobs()).toEqual([]);
});

test('what somebody made who is not narrowed is nobody’s who is', async ({ app, shop, anyone }) => {
  const made = await anyone.post({ name: 'pr-12' });
  expect(await shop.post({ name: 'pr-12' })).toMatchObject({ status: 409, body: { code: 'pr_job.name_taken' } });
  const status = { action: 'status', name: 'pr-12', jobName: made.body.job?.jobName };
  expect((await shop.post(status)).status).toBe(404);
  expect((await shop.post({ action: 'cleanup', name: 'pr-12' })).status).toBe(404);
  expect(app.jobs()).toHaveLength(1);
});

test('a token for several repositories says whose job it is, and one for all may', async ({ app, blog, anyone }) => {
  const both = await app.as({ repositories: ['acme/shop', 'acme/blog'] });
  const unclear = await both.post({ name: 'pr-12' });
  expect(unclear).toMatchObject({ status: 400, body: { code: 'pr_job.repository_unclear' } });
  expect(unclear.body).not.toHaveProperty('details');
  expect((await both.post({ name: 'pr-12', repositoryId: 44 })).status).toBe(403);
  const made = await both.post({ name: 'pr-12', repositoryId: 43 });
  expect(made.status).toBe(200);
  const status = { action: 'status', name: 'pr-12', jobName: made.body.job?.jobName };
  expect((await blog.post(status)).status).toBe(200);
  expect((await anyone.post({ name: 'pr-13', repositoryId: 43 })).status).toBe(200);
  expect((await blog.post({ action: 'cleanup', name: 'pr-13' })).status).toBe(200);
});

test('cleaning up what is not there is no error, for everybody', async ({ shop, anyone }) => {
  for (const caller of [shop, anyone])
    expect(await caller.post({ action: 'cleanup', name: 'nothing' })).toMatchObject({
      status: 200,
      body: { success: true, removed: [] },
    });
});

test('a status names the job’s own name: another one is 404, and so is a job of another server', async ({
  app,
  anyone,
}) => {
  const made = await anyone.post({ name: 'pr-12' });
  const jobName = made.body.job?.jobName ?? '';
  expect((await anyone.post({ action: 'status', name: 'pr-13', jobName })).status).toBe(404);
  const path = `/apis/batch/v1/namespaces/default/jobs/${jobName}`;
  const job = app.cluster.objects.get(path);
  app.cluster.objects.set(path, {
    ...job,
    metadata: { ...job?.metadata, labels: { ...job?.metadata.labels, 'ephemera.dev/instance': 'b2' } },
  });
  expect((await anyone.post({ action: 'status', name: 'pr-12', jobName })).status).toBe(404);
});

test('a name is free for others with the cleanup that leaves nothing of it, once no create can be at work', async ({
  app,
  shop,
  blog,
}) => {
  const { db } = app.server.database;
  const names = () => db.selectFrom('prJobNames').select('name').execute();
  const older = () => sql`update pr_job_names set used_at = used_at - interval '3 minutes'`.execute(db);
  const cleanup = { action: 'cleanup', name: 'pr-12' };
  await shop.post({ name: 'pr-12' });
  expect((await shop.post(cleanup)).status).toBe(200);
  expect(await names()).toHaveLength(1);
  expect(await blog.post({ name: 'pr-12' })).toMatchObject({ status: 409, body: { code: 'pr_job.name_taken' } });
  await shop.post({ name: 'pr-12' });
  await older();
  let refuses = true;
  app.cluster.before.each = (method, path) =>
    refuses && method === 'DELETE' && path.includes('/jobs/') ? { code: 403, reason: 'Forbidden' } : undefined;
  expect((await shop.post(cleanup)).status).toBe(500);
  expect(await names()).toHaveLength(1);
  refuses = false;
  expect((await shop.post(cleanup)).status).toBe(200);
  expect(await names()).toEqual([]);
  expect((await blog.post({ name: 'pr-12' })).status).toBe(200);
});

test('a name stays where a cleanup has kept what is somebody else’s', async ({ app, shop }) => {
  await shop.post({ name: 'pr-12' });
  await sql`update pr_job_names set used_at = used_at - interval '3 minutes'`.execute(app.server.database.db);
  const path = '/api/v1/namespaces/default/serviceaccounts/pr-12-buildx-sa';
  const account = app.cluster.objects.get(path);
  const labels = { ...account?.metadata.labels, 'ephemera.dev/instance': 'b2' };
  app.cluster.objects.set(path, { ...account, metadata: { ...account?.metadata, labels } });
  const { status, body } = await shop.post({ action: 'cleanup', name: 'pr-12' });
  expect({ status, kept: (body as { kept?: readonly object[] }).kept }).toMatchObject({
    status: 200,
    kept: [{ object: 'ServiceAccount/default/pr-12-buildx-sa' }],
  });
  expect(await app.server.database.db.selectFrom('prJobNames').select('name').execute()).toHaveLength(1);
});

test('whoever asks too often is told when to come back, and nobody else; reads have ten times as many', async () => {
  await using app = await startPrJobApp({ PR_JOBS_PER_MINUTE: '2' });
  const [ci, other] = [await app.as(), await app.as()];
  const cleanup = { action: 'cleanup', name: 'a' };
  expect([(await ci.post(cleanup)).status, (await ci.post({ name: 'a' })).status]).toEqual([200, 200]);
  const { status, headers, body } = await ci.post(cleanup);
  expect({ status, code: body.code }).toEqual({ status: 429, code: 'pr_job.too_many_requests' });
  const seconds = Number(headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(30);
  expect(body.error).toContain(`${seconds} seconds`);
  expect((await other.post(cleanup)).status).toBe(200);
  const reads = await Promise.all(Array.from({ length: 60 }, () => ci.get(`${url}/events?name=a`)));
  expect(reads.filter((read) => read.status === 200).length).toBeGreaterThanOrEqual(20);
  expect(reads.filter((read) => read.status === 429).length).toBeGreaterThan(0);
});

test('what became of each request is counted', async ({ app, anyone }) => {
  await anyone.post({ name: 'a' });
  await anyone.post({ name: 'a', image: 'alpine' });
  const { body } = await app.server.app.inject({
    url: '/metrics',
    headers: { authorization: app.server.authorization },
  });
  expect(body).toContain('ephemera_pr_jobs_total{action="create",outcome="done"} 1');
  expect(body).toContain('ephemera_pr_jobs_total{action="create",outcome="refused"} 1');
});
