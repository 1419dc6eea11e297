import { sql } from 'kysely';
import { expect } from 'vitest';
import { startPrJobApp, url } from '../../test/pr-job-app.ts';
import { testOfRepositories as test } from '../../test/with-pr-jobs.ts';

test('creations, cleanups and refusals are events, newest first; looking is one event an hour', async ({
  app,
  shop,
  blog,
  anyone,
}) => {
  const made = await shop.post({ name: 'pr-12' });
  const jobName = made.body.job?.jobName ?? '';
  for (let times = 0; times < 3; times += 1) await shop.post({ action: 'status', name: 'pr-12', jobName });
  await blog.post({ name: 'pr-12' });
  await shop.post({ action: 'cleanup', name: 'pr-12' });
  const events = await anyone.events('name=pr-12');
  expect(events.map(({ action, outcome, code }) => `${String(action)} ${String(outcome)} ${String(code)}`)).toEqual([
    'cleanup done null',
    'create refused pr_job.name_taken',
    'status done null',
    'create done null',
  ]);
  expect(events[3]).toMatchObject({
    caller: 'token ci-2',
    cluster: '',
    namespace: 'default',
    name: 'pr-12',
    job_name: jobName,
    repository_id: 42,
  });
  // What another repository was refused is its own.
  expect(await shop.events('name=pr-12')).toHaveLength(3);
  expect(await blog.events('name=pr-12')).toHaveLength(1);
  const [newest] = events;
  expect(await anyone.events(`name=pr-12&before=${String(newest?.['id'])}`)).toEqual(events.slice(1));
  await sql`update pr_job_events set at = at - interval '61 minutes'`.execute(app.server.database.db);
  await shop.post({ action: 'status', name: 'pr-12', jobName });
  expect(await shop.events('name=pr-12&namespace=default')).toHaveLength(3);
});

test('whoever is refused again and again while looking makes one event of it', async ({ app }) => {
  const ci = await app.as({ scopes: ['pr-jobs:status', 'pr-jobs:create'], namespaces: ['builds'] });
  for (const name of ['a', 'b', 'c'])
    expect((await ci.post({ action: 'status', name, jobName: `pr-job-${name}-1700000000000` })).status).toBe(403);
  const { db } = app.server.database;
  expect(await db.selectFrom('prJobEvents').select(['action', 'code']).execute()).toEqual([
    { action: 'status', code: 'pr_job.namespace_not_allowed' },
  ]);
});

test('a change without its scope is an event, on the page of the repository of the one who asked', async ({
  app,
  anyone,
  shop,
  blog,
}) => {
  await shop.post({ name: 'pr-12' });
  const reader = await app.as({ scopes: ['pr-jobs:status'], repositories: ['acme/blog'] });
  for (const action of ['create', 'cleanup']) expect((await reader.post({ action, name: 'pr-12' })).status).toBe(403);
  expect(await blog.events('name=pr-12')).toMatchObject([
    { action: 'cleanup', outcome: 'refused', code: 'token.scope_missing', repository_id: 43, caller: 'token ci-4' },
    { action: 'create', outcome: 'refused', code: 'token.scope_missing', repository_id: 43 },
  ]);
  expect(await shop.events('name=pr-12')).toHaveLength(1);
  expect(await anyone.events('name=pr-12')).toHaveLength(3);
});

test('whoever tries another repository’s name is seen on the page of its own, and the owner’s stays as it was', async ({
  shop,
  blog,
  anyone,
}) => {
  await shop.post({ name: 'pr-12' });
  await blog.post({ action: 'cleanup', name: 'pr-12' });
  const [tried, ...others] = await blog.events('name=pr-12');
  expect(others).toEqual([]);
  expect(tried).toMatchObject({ action: 'cleanup', code: 'pr_job.name_not_found', repository_id: 43 });
  expect(await shop.events('name=pr-12')).toHaveLength(1);
  // What somebody does who may do it with every name, the owner of this one sees.
  await anyone.post({ name: 'pr-12' });
  await anyone.post({ action: 'cleanup', name: 'pr-12' });
  expect((await shop.events('name=pr-12')).map(({ action, caller }) => `${String(action)} ${String(caller)}`)).toEqual([
    'cleanup token ci-1',
    'create token ci-1',
    'create token ci-2',
  ]);
});

test('whoever asks too often is one event of each hour, however often, and counted each time', async () => {
  await using app = await startPrJobApp({ PR_JOBS_PER_MINUTE: '1' });
  const ci = await app.as();
  await ci.post({ action: 'cleanup', name: 'a' });
  for (const name of ['a', 'b', 'c']) expect((await ci.post({ name })).status).toBe(429);
  expect((await ci.post({ action: 'cleanup', name: 'a' })).status).toBe(429);
  const { db } = app.server.database;
  expect(await db.selectFrom('prJobEvents').select(['action', 'name', 'code']).orderBy('id').execute()).toEqual([
    { action: 'cleanup', name: 'a', code: null },
    { action: 'create', name: 'a', code: 'pr_job.too_many_requests' },
    { action: 'cleanup', name: 'a', code: 'pr_job.too_many_requests' },
  ]);
  const { body } = await app.server.app.inject({
    url: '/metrics',
    headers: { authorization: app.server.authorization },
  });
  expect(body).toContain('ephemera_pr_jobs_total{action="create",outcome="refused"} 3');
});

test('events are at most a hundred at once, and those of another namespace need a token for it', async ({
  app,
  anyone,
}) => {
  const row = {
    caller: 'token x',
    action: 'create',
    outcome: 'done',
    cluster: '',
    namespace: 'builds',
    name: 'a',
  } as const;
  await app.server.database.db
    .insertInto('prJobEvents')
    .values(Array.from({ length: 120 }, () => row))
    .execute();
  const first = await anyone.events('name=a&namespace=builds');
  expect(first).toHaveLength(100);
  const rest = await anyone.events(`name=a&namespace=builds&before=${String(first.at(-1)?.['id'])}`);
  expect(rest).toHaveLength(20);
  const narrow = await app.as({ namespaces: ['default'] });
  expect((await narrow.get(`${url}/events?name=a&namespace=builds`)).status).toBe(403);
});
