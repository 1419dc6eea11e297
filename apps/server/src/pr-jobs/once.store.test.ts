import { sql } from 'kysely';
import { expect, test as base } from 'vitest';
import { startPrJobApp, type PrJobApp } from '../../test/pr-job-app.ts';
import { workflowOf } from '../../test/pr-job-caller.ts';

const test = base.extend<{ app: PrJobApp }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  app: async ({}, use) => {
    await using app = await startPrJobApp();
    await use(app);
  },
});

const replayed = { code: 'oidc.replayed' };

test('a workflow’s token changes one thing: the same request again is the same use, another one is refused', async ({
  app,
}) => {
  const { db } = app.server.database;
  const { create, cleanup, caller } = workflowOf(app);
  const first = await create('pr-12', 'run-1');
  expect((await create('pr-12', 'run-1')).jobName).toBe(first.jobName);
  await expect(create('pr-13', 'run-1')).rejects.toMatchObject(replayed);
  await expect(create('pr-12', 'run-2')).rejects.toMatchObject(replayed);
  await expect(create('pr-12')).rejects.toMatchObject(replayed);
  await expect(cleanup('pr-12')).rejects.toMatchObject(replayed);
  expect(app.jobs()).toEqual([first.jobName]);
  expect(await db.selectFrom('prJobNames').selectAll().execute()).toMatchObject([
    { name: 'pr-12', repositoryId: 42, repositoryFullName: 'acme/shop', claimedBy: caller.name },
  ]);
  const [use] = await db.selectFrom('oidcUses').select('purpose').execute();
  expect(use?.purpose).toHaveLength(32);
});

test('a workflow’s token makes one job without a key too, however often the request is sent', async ({ app }) => {
  const { create, asked } = workflowOf(app);
  const first = await create('pr-12');
  expect(first.created).toBe(true);
  expect(await create('pr-12')).toEqual({ ...first, created: false });
  expect(asked[1]).toMatchObject({ jobName: first.jobName, message: expect.stringContaining('as before') as unknown });
  const another = await workflowOf(app).create('pr-12');
  expect(another.created).toBe(true);
  expect(app.jobs()).toEqual([first.jobName, another.jobName]);
});

test('many requests at once with one token and without a key make one job', async ({ app }) => {
  const { create } = workflowOf(app);
  const made = await Promise.all(Array.from({ length: 8 }, () => create('pr-12')));
  expect(new Set(made.map(({ jobName }) => jobName)).size).toBe(1);
  expect(app.jobs()).toEqual([made[0]?.jobName]);
});

test('a cleanup that is over is answered to whoever sends its token again, and removes nothing that came later', async ({
  app,
}) => {
  await workflowOf(app).create('pr-12');
  const { cleanup } = workflowOf(app);
  expect((await cleanup('pr-12')).removed).not.toEqual([]);
  expect(await cleanup('pr-12')).toEqual({ removed: [], kept: [] });
  // As if nobody had used the name since: the moment at which it is claimed and the Job is made are two.
  const { db } = app.server.database;
  const { rows } = await sql<{ usedAt: string }>`select used_at::text from pr_job_names`.execute(db);
  const later = await workflowOf(app).create('pr-12');
  await expect(cleanup('pr-12')).rejects.toMatchObject(replayed);
  await sql`update pr_job_names set used_at = ${rows[0]?.usedAt}::timestamptz`.execute(db);
  expect(await cleanup('pr-12')).toEqual({ removed: [], kept: [] });
  expect(app.jobs()).toEqual([later.jobName]);
});

test('a cleanup that has left something goes on with the same token, unless the name has been used since', async ({
  app,
}) => {
  const { jobName } = await workflowOf(app).create('pr-12');
  const { cleanup } = workflowOf(app);
  let refuses = true;
  app.cluster.before.each = (method, path) =>
    refuses && method === 'DELETE' && path.includes('/jobs/') ? { code: 403, reason: 'Forbidden' } : undefined;
  const incomplete = { code: 'pr_job.cleanup_incomplete' };
  await expect(cleanup('pr-12')).rejects.toMatchObject(incomplete);
  await expect(cleanup('pr-12')).rejects.toMatchObject(incomplete);
  expect(app.jobs()).toEqual([jobName]);
  refuses = false;
  const later = await workflowOf(app).create('pr-12');
  await expect(cleanup('pr-12')).rejects.toMatchObject(replayed);
  expect(app.jobs()).toEqual([jobName, later.jobName]);

  const other = workflowOf(app);
  refuses = true;
  await expect(other.cleanup('pr-12')).rejects.toMatchObject(incomplete);
  refuses = false;
  expect((await other.cleanup('pr-12')).removed.join()).toContain(later.jobName);
  expect(app.jobs()).toEqual([]);
});

test('a request that was refused has used its token up, for itself: the same one again may succeed', async ({
  app,
}) => {
  let refuses = true;
  app.cluster.before.each = (method, path) =>
    refuses && method === 'POST' && path.endsWith('/jobs') ? { code: 403, reason: 'Forbidden' } : undefined;
  const { create } = workflowOf(app);
  await expect(create('pr-12')).rejects.toMatchObject({ code: 'kube.forbidden' });
  await expect(create('pr-13')).rejects.toMatchObject({
    ...replayed,
    hint: expect.stringContaining('also for one that was refused') as unknown,
  });
  refuses = false;
  expect(await create('pr-12')).toMatchObject({ created: true });
});
