import { sql } from 'kysely';
import { expect } from 'vitest';
import { startPrJobApp } from '../../test/pr-job-app.ts';
import { test } from '../../test/with-pr-jobs.ts';

const shop = { name: 'shop-12' };
const withKey = (key: string) => ({ 'idempotency-key': key });

test('without an action a job is created, with the documented defaults and answer', async ({ app, ci }) => {
  const { status, body } = await ci.post(shop);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({
    success: true,
    message: expect.any(String) as unknown,
    job: {
      jobName: expect.stringMatching(/^pr-job-shop-12-\d{13}$/) as unknown,
      serviceAccountName: 'shop-12-buildx-sa',
      namespace: 'default',
      created: true,
      profile: 'seed',
    },
  });
  expect(app.jobs()).toEqual([body.job?.jobName]);
  const job = app.cluster.objects.get(`/apis/batch/v1/namespaces/default/jobs/${body.job?.jobName}`);
  expect(job).toMatchObject({
    metadata: { labels: { 'ephemera.dev/instance': 'a1', 'pr-name': 'shop-12' } },
    spec: { activeDeadlineSeconds: 1800 },
  });
});

test('builder, deadline and the default of the profile come from the settings, and a caller cannot name the first two', async () => {
  await using app = await startPrJobApp({
    PR_JOBS_PROFILE: 'minimal',
    PR_JOBS_DEADLINE_SECONDS: '90',
    PR_JOBS_BUILDER_MEMORY: '16Gi',
  });
  const ci = await app.as();
  const { body } = await ci.post(shop);
  expect(body.job).toMatchObject({ profile: 'minimal' });
  expect(app.cluster.objects.get(`/apis/batch/v1/namespaces/default/jobs/${body.job?.jobName}`)).toMatchObject({
    spec: { activeDeadlineSeconds: 90 },
  });
  expect(
    JSON.stringify(app.cluster.objects.get(`/apis/batch/v1/namespaces/default/jobs/${body.job?.jobName}`)),
  ).toContain('limits.cpu=2,requests.memory=512Mi,limits.memory=16Gi');
  const more = [{ activeDeadlineSeconds: 9 }, { builderLimits: { cpu: '9' } }];
  for (const field of [...more, { builder: 'privileged' }, { idempotencyKey: 'x' }])
    expect(await ci.post({ ...shop, ...field })).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
});

test('two requests are two jobs, and the same key with the same request is one, whose answer is given again', async ({
  app,
  ci,
}) => {
  const [first, second] = [await ci.post(shop), await ci.post(shop)];
  expect(first.body.job?.jobName).not.toBe(second.body.job?.jobName);
  const once = await ci.post(shop, withKey('run-1'));
  const again = await ci.post({ ...shop, action: 'create', namespace: 'default' }, withKey('run-1'));
  expect(once.body.job?.created).toBe(true);
  expect(again.body.job).toEqual({ ...once.body.job, created: false });
  expect(app.jobs()).toHaveLength(3);
});

test('the answer to a key is given again when the job is gone', async ({ app, ci }) => {
  const once = await ci.post(shop, withKey('run-1'));
  await ci.post({ action: 'cleanup', ...shop });
  expect(app.jobs()).toEqual([]);
  const again = await ci.post(shop, withKey('run-1'));
  expect(again.body.job).toEqual({ ...once.body.job, created: false });
  expect(app.jobs()).toEqual([]);
});

test('many requests with one key at once make one job', async ({ app, ci }) => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => ci.post(shop, withKey('run-1'))));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  expect(new Set(answers.map(({ body }) => body.job?.jobName)).size).toBe(1);
  expect(app.jobs()).toHaveLength(1);
});

test('a key stands for one request of one caller: another request is refused, another caller has keys of its own', async ({
  app,
  ci,
}) => {
  const once = await ci.post(shop, withKey('run-1'));
  for (const other of [
    { name: 'shop-13' },
    { ...shop, namespace: 'builds' },
    { ...shop, image: 'docker:25' },
    { ...shop, profile: 'minimal' },
  ]) {
    const { status, body } = await ci.post(other, withKey('run-1'));
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'pr_job.key_reused' });
  }
  expect(await app.server.database.db.selectFrom('prJobNames').select('name').execute()).toEqual([{ name: 'shop-12' }]);
  const others = await (await app.as()).post(shop, withKey('run-1'));
  expect(others.body.job?.jobName).not.toBe(once.body.job?.jobName);
  expect(app.jobs()).toHaveLength(2);
});

test('a repository’s new credentials are no other request, and none of them stay here in any form', async ({
  app,
  ci,
}) => {
  const request = (token: string) => ({
    ...shop,
    repository: {
      url: 'https://github.example/acme/shop',
      branch: 'feature/a',
      pullRequest: 12,
      imageName: 'registry.example/shop:12',
      token,
      dockerConfigJson: JSON.stringify({ auths: { 'registry.example': { auth: 'c2VjcmV0OnNlY3JldA==' } } }),
    },
  });
  const once = await ci.post(request('first-secret-token'), withKey('run-1'));
  expect(once.status, JSON.stringify(once.body)).toBe(200);
  const again = await ci.post(request('second-secret-token'), withKey('run-1'));
  expect(again.body.job).toEqual({ ...once.body.job, created: false });
  const without = await ci.post(
    { ...shop, repository: { ...request('').repository, token: undefined } },
    withKey('run-1'),
  );
  expect(without).toMatchObject({ status: 409, body: { code: 'pr_job.key_reused' } });

  const { rows } = await sql<{ row: string }>`
    select t::text as row from pr_job_requests t union all select t::text from pr_job_events t
    union all select t::text from pr_job_names t`.execute(app.server.database.db);
  expect(rows.length).toBeGreaterThan(3);
  for (const { row } of rows) expect(row).not.toMatch(/secret-token|c2VjcmV0/);
});

test('what a crash left between the row and the Job is made by whoever repeats the request, under the same name', async ({
  app,
  ci,
}) => {
  const once = await ci.post(shop, withKey('run-1'));
  const { db } = app.server.database;
  await db.updateTable('prJobRequests').set({ answer: null }).execute();
  app.cluster.objects.delete(`/apis/batch/v1/namespaces/default/jobs/${once.body.job?.jobName}`);
  const again = await ci.post(shop, withKey('run-1'));
  expect(again.body.job).toEqual(once.body.job);
  expect(app.jobs()).toEqual([once.body.job?.jobName]);
});

test('what a crash left between the Job and its answer is found by whoever repeats the request', async ({
  app,
  ci,
}) => {
  const once = await ci.post(shop, withKey('run-1'));
  await app.server.database.db.updateTable('prJobRequests').set({ answer: null }).execute();
  const again = await ci.post(shop, withKey('run-1'));
  expect(again.body.job).toMatchObject({ jobName: once.body.job?.jobName, created: false });
  expect(app.jobs()).toHaveLength(1);
});

test('what the cluster refuses takes no key: the same request may be made again, and another one too', async ({
  app,
  ci,
}) => {
  let refuses = true;
  app.cluster.before.each = (method, path) =>
    refuses && method === 'POST' && path.endsWith('/jobs') ? { code: 403, reason: 'Forbidden' } : undefined;
  expect(await ci.post(shop, withKey('run-1'))).toMatchObject({ status: 403, body: { code: 'kube.forbidden' } });
  expect(await ci.post(shop, withKey('run-2'))).toMatchObject({ status: 403 });
  refuses = false;
  expect(await ci.post(shop, withKey('run-1'))).toMatchObject({ status: 200, body: { job: { created: true } } });
  const other = await ci.post({ name: 'shop-13' }, withKey('run-2'));
  expect(other).toMatchObject({ status: 200, body: { job: { created: true } } });
  expect(other.body.job?.jobName).toMatch(/^pr-job-shop-13-\d{13}$/);
  expect(await ci.post(shop, withKey('run-2'))).toMatchObject({ status: 409, body: { code: 'pr_job.key_reused' } });
});

test('what the cluster may take the next time is 503, and the key waits for the same request', async ({ app, ci }) => {
  let away = true;
  app.cluster.before.each = (method, path) =>
    away && method === 'POST' && path.endsWith('/jobs') ? { code: 409, reason: 'Conflict' } : undefined;
  const first = await ci.post(shop, withKey('run-1'));
  expect(first).toMatchObject({ status: 503, body: { code: 'kube.conflict', details: expect.any(String) as unknown } });
  away = false;
  expect(await ci.post({ name: 'shop-13' }, withKey('run-1'))).toMatchObject({ status: 409 });
  expect(await ci.post(shop, withKey('run-1'))).toMatchObject({ status: 200 });
});

test('where somebody else’s Job has the name already, the job takes the next one', async ({ app, ci }) => {
  let squatted: string | undefined;
  app.cluster.before.each = (method, path) => {
    if (method !== 'GET' || squatted !== undefined || !path.includes('/jobs/pr-job-')) return undefined;
    squatted = path;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const labels = {
      app: 'catalyst-pr-job',
      'created-by': 'catalyst-web-app',
      'pr-name': 'shop-12',
      'ephemera.dev/instance': 'a1',
    };
    const annotations = { 'ephemera.dev/request': 'of another request' };
    app.cluster.objects.set(path, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace: 'default', uid: 'other', labels, annotations },
    });
    return undefined;
  };
  const once = await ci.post(shop, withKey('run-1'));
  expect(once.status, JSON.stringify(once.body)).toBe(200);
  expect(squatted).toBeDefined();
  expect(squatted).not.toContain(once.body.job?.jobName);
  expect(app.jobs()).toHaveLength(2);
  const again = await ci.post(shop, withKey('run-1'));
  expect(again.body.job).toEqual({ ...once.body.job, created: false });
});

test('different keys of one name in the same millisecond have names of their own', async ({ app, ci }) => {
  const answers = await Promise.all(Array.from({ length: 12 }, (_, number) => ci.post(shop, withKey(`run-${number}`))));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(new Set(app.jobs()).size).toBe(12);
  expect(new Set(answers.map(({ body }) => body.job?.jobName)).size).toBe(12);
});

test('after 24 hours a key is a new one', async ({ app, ci }) => {
  const once = await ci.post(shop, withKey('run-1'));
  await sql`update pr_job_requests set requested_at = now() - interval '25 hours'`.execute(app.server.database.db);
  const other = await ci.post({ name: 'shop-13' }, withKey('run-1'));
  expect(other).toMatchObject({ status: 200, body: { job: { created: true } } });
  expect(other.body.job?.jobName).not.toBe(once.body.job?.jobName);
});

test.each([
  ['an empty key', ''],
  ['256 characters', 'x'.repeat(256)],
  ['a control character', 'a\tb'],
])('%s is no Idempotency-Key', async (_what, key) => {
  await using app = await startPrJobApp();
  const { status, body } = await (await app.as()).post(shop, withKey(key));
  expect(status).toBe(400);
  expect(body.error).toContain('idempotency-key');
  expect(app.jobs()).toEqual([]);
});
