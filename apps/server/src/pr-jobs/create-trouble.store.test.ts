import { expect } from 'vitest';
import type { PrJobApp } from '../../test/pr-job-app.ts';
import { workflowOf } from '../../test/pr-job-caller.ts';
import { test } from '../../test/with-pr-jobs.ts';
import { saveRepository } from '../store/repositories.ts';

const shop = { name: 'shop-12' };
const withKey = (key: string) => ({ 'idempotency-key': key });
const forbidden = { code: 403, reason: 'Forbidden' } as const;
/** Which comes before the Job. */
const makesAccount = (method: string, path: string) => method !== 'GET' && path.includes('/serviceaccounts');
const makesJob = (method: string, path: string) => method === 'POST' && path.endsWith('/jobs');
const names = async (app: PrJobApp) =>
  (await app.server.database.db.selectFrom('prJobNames').select('name').execute()).map(({ name }) => name);

test('a create that is not over in time is broken off, makes no Job any more, and keeps name and key for the same request', async ({
  app,
}) => {
  const released = Promise.withResolvers<undefined>();
  app.cluster.before.each = (method, path) => (makesAccount(method, path) ? released.promise : undefined);
  const slow = workflowOf(app, { deadlineMs: 3_000 });
  await expect(slow.create('pr-12', 'run-1')).rejects.toMatchObject({
    code: 'pr_job.too_slow',
    retryable: true,
    hint: expect.stringContaining('same Idempotency-Key') as unknown,
  });
  expect(app.jobs()).toEqual([]);
  expect(await names(app)).toEqual(['pr-12']);
  released.resolve(undefined);
  const { caller, create } = workflowOf(app, { caller: slow.caller });
  await expect(create('pr-13', 'run-1')).rejects.toMatchObject({ code: 'oidc.replayed' });
  expect(await app.server.database.db.selectFrom('prJobRequests').select(['caller', 'answer']).execute()).toEqual([
    { caller: caller.account, answer: null },
  ]);
  expect(await create('pr-12', 'run-1')).toMatchObject({ created: true });
  expect(app.jobs()).toHaveLength(1);
});

test('a cleanup that is not over in time is broken off, and says that it can be sent again', async ({ app }) => {
  await workflowOf(app).create('pr-12');
  const released = Promise.withResolvers<undefined>();
  app.cluster.before.each = (method) => (method === 'DELETE' ? released.promise : undefined);
  const slow = workflowOf(app, { deadlineMs: 3_000 });
  await expect(slow.cleanup('pr-12')).rejects.toMatchObject({ code: 'pr_job.too_slow', retryable: true });
  released.resolve(undefined);
  await workflowOf(app, { caller: slow.caller }).cleanup('pr-12');
  expect(app.jobs()).toEqual([]);
});

test.for([{}, withKey('run-1')])(
  'a create whose name is given up meanwhile makes no Job (%j)',
  async (key, { app, ci }) => {
    const { db } = app.server.database;
    let given = 0;
    app.cluster.before.each = async (method, path) => {
      if (given > 0 || !makesAccount(method, path)) return undefined;
      given += 1;
      await db.deleteFrom('prJobNames').execute();
      return undefined;
    };
    expect(await ci.post(shop, key)).toMatchObject({
      status: 503,
      body: { code: 'pr_job.name_lost', retryable: true },
    });
    expect(given).toBe(1);
    expect(app.jobs()).toEqual([]);
    expect(await ci.post(shop, key)).toMatchObject({ status: 200, body: { job: { created: true } } });
  },
);

test('a create touches its name right before the Job is made, so that the sweep waits from then on', async ({
  app,
  ci,
}) => {
  const { db } = app.server.database;
  const usedAt = async () =>
    (await db.selectFrom('prJobNames').select('usedAt').executeTakeFirst())?.usedAt.getTime() ?? 0;
  const seen: number[] = [];
  app.cluster.before.each = async (method, path) => {
    if (makesAccount(method, path) && seen.length === 0) {
      await db
        .updateTable('prJobNames')
        .set({ usedAt: new Date(0) })
        .execute();
    } else if (makesJob(method, path)) seen.push(await usedAt());
    return undefined;
  };
  expect((await ci.post(shop)).status).toBe(200);
  expect(seen).toHaveLength(1);
  expect(Date.now() - (seen[0] ?? 0)).toBeLessThan(60_000);
});

test('what is refused before the Job is made gives its new name back', async ({ app, ci }) => {
  app.cluster.before.each = (method, path) => (makesJob(method, path) ? forbidden : undefined);
  expect(await ci.post(shop)).toMatchObject({ status: 403, body: { code: 'kube.forbidden' } });
  expect(await ci.post(shop, withKey('run-1'))).toMatchObject({ status: 403 });
  expect(await names(app)).toEqual([]);
});

test('a refusal gives no name back that somebody else has used meanwhile', async ({ app, ci }) => {
  const { db } = app.server.database;
  app.cluster.before.each = async (method, path) => {
    if (makesAccount(method, path)) await db.updateTable('prJobNames').set({ usedAt: new Date() }).execute();
    return makesJob(method, path) ? forbidden : undefined;
  };
  expect((await ci.post(shop)).status).toBe(403);
  expect(await names(app)).toEqual(['shop-12']);
});

test('a refusal after the Job was made keeps name and key: the same request again finishes that Job', async ({
  app,
  ci,
}) => {
  let isMade = false;
  let refuses = true;
  app.cluster.before.each = (method, path) => {
    if (makesJob(method, path)) isMade = true;
    return refuses && isMade && makesAccount(method, path) ? forbidden : undefined;
  };
  const first = await ci.post(shop, withKey('run-1'));
  expect(first).toMatchObject({ status: 503, body: { code: 'pr_job.unfinished', retryable: true } });
  const [jobName] = app.jobs();
  expect(first.body.error).toContain(jobName);
  expect(await names(app)).toEqual(['shop-12']);
  expect(await ci.events('name=shop-12')).toMatchObject([
    { action: 'create', outcome: 'failed', code: 'pr_job.unfinished', job_name: jobName },
  ]);
  expect(await ci.post({ name: 'shop-13' }, withKey('run-1'))).toMatchObject({ status: 409 });
  refuses = false;
  const again = await ci.post(shop, withKey('run-1'));
  expect(again.body.job).toMatchObject({ jobName });
  expect(app.jobs()).toEqual([jobName]);
});

test('a refusal after the Job was made is not hidden by a create without a key, and its name stays taken', async ({
  app,
}) => {
  await saveRepository(app.server.database.db, { id: 43, installationId: 5, fullName: 'acme/blog' });
  const [ci, other] = [await app.as(), await app.as({ repositories: ['acme/blog'] })];
  let isMade = false;
  app.cluster.before.each = (method, path) => {
    if (makesJob(method, path)) isMade = true;
    return isMade && method === 'PATCH' && path.includes('/rolebindings/') ? forbidden : undefined;
  };
  const first = await ci.post(shop);
  expect(first).toMatchObject({ status: 503, body: { code: 'pr_job.unfinished' } });
  expect(first.body.error).toContain(app.jobs()[0]);
  expect(await other.post(shop)).toMatchObject({ status: 409, body: { code: 'pr_job.name_taken' } });
});
