import { expect, test as base } from 'vitest';
import { startApp, type TestApp } from '../../test/app.ts';
import { shaOf, storeEnvironment } from '../../test/environment-row.ts';
import { openDatabase } from '../store/database.ts';
import { queueDeployment } from '../store/deployments.ts';
import { recordStatus } from '../store/events.ts';
import type { Environment } from '../store/schema.ts';

interface Fixture {
  server: TestApp;
  /** Pull request 12 of acme/shop: ready. Before it, one of another repository: destroyed. */
  ready: Environment;
  gone: Environment;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  server: async ({}, use) => {
    await using server = await startApp();
    await use(server);
  },
  gone: async ({ server }, use) => {
    const other = { repositoryId: 43, repositoryFullName: 'acme/blog', namespace: 'pr-1-blog', prNumber: 1 };
    const host = 'pr-1-gone.preview.example';
    const state = { status: 'destroyed', wantedState: 'closed' } as const;
    await use(await storeEnvironment(server.database.db, { ...other, host, ...state }));
  },
  ready: async ({ server, gone: _first }, use) => {
    await use(await storeEnvironment(server.database.db));
  },
});

async function get({ app, authorization }: TestApp, url: string, host?: string) {
  const { statusCode, body, headers } = await app.inject({
    url,
    headers: { authorization, ...(host === undefined ? {} : { host }) },
  });
  return { status: statusCode, text: body, headers };
}

async function getJson<Answer = Record<string, unknown>[]>(server: TestApp, url: string): Promise<Answer> {
  return JSON.parse((await get(server, url)).text) as Answer;
}

test('the list has all environments, newest first', async ({ server, ready, gone }) => {
  expect((await getJson(server, '/api/v1/environments')).map(({ id }) => id)).toEqual([ready.id, gone.id]);
});

test('the list can be of one repository, in any case, and of what is not destroyed', async ({
  server,
  ready,
  gone,
}) => {
  const ids = async (query: string) => (await getJson(server, `/api/v1/environments?${query}`)).map(({ id }) => id);
  expect(await ids('repository=Acme/Blog')).toEqual([gone.id]);
  expect(await ids('active_only=true')).toEqual([ready.id]);
  expect(await ids('active_only=false')).toEqual([ready.id, gone.id]);
  expect(await ids('repository=acme/blog&active_only=true')).toEqual([]);
});

test('an environment is found by its id and by its namespace', async ({ server, ready }) => {
  const byId = await getJson<object>(server, `/api/v1/environments/${ready.id}`);
  expect(byId).toEqual(await getJson(server, `/api/v1/environments/namespace/${ready.namespace}`));
  expect(byId).toMatchObject({
    id: ready.id,
    repository_full_name: 'acme/shop',
    pr_number: 12,
    generation: 1,
    status: 'ready',
    namespace: ready.namespace,
    host: ready.host,
    environment_url: ready.environmentUrl,
    commit_sha: shaOf('a'),
    reason: null,
    error_message: null,
  });
});

test('an environment’s events and deployments are listed, oldest first', async ({ server, ready }) => {
  const { db } = server.database;
  for (const status of ['pending', 'ready'] as const)
    await recordStatus(db, { environmentId: ready.id, commitSha: ready.commitSha, status });
  await queueDeployment(db, ready.id, ready.commitSha);
  const at = `/api/v1/environments/${ready.id}`;
  expect(await getJson(server, `${at}/events`)).toMatchObject([
    { kind: 'status', name: 'pending', commit_sha: ready.commitSha },
    { kind: 'status', name: 'ready' },
  ]);
  expect(await getJson(server, `${at}/deployments`)).toMatchObject([{ status: 'queued', commit_sha: ready.commitSha }]);
});

test.each([
  '/api/v1/environments/0',
  '/api/v1/environments/999999',
  '/api/v1/environments/9999999999',
  '/api/v1/environments/-1',
  '/api/v1/environments/1e1',
  '/api/v1/environments/1;drop',
  '/api/v1/environments/999999/events',
  '/api/v1/environments/999999/deployments',
  '/api/v1/environments/namespace/none',
  '/api/v1/environments/namespace/a%00b',
])('GET %s is 404 in the one error shape', async (url) => {
  await using server = await startApp();
  const { status, text } = await get(server, url);
  expect(status).toBe(404);
  expect(JSON.parse(text)).toMatchObject({ code: 'environment.not_found', retryable: false });
  expect(JSON.parse(text)).toMatchObject({ error: expect.any(String) as unknown, hint: expect.any(String) as unknown });
});

test.each([
  '/api/v1/environments?active_only=maybe',
  '/api/v1/environments?repository=shop',
  '/api/v1/environments?repository=a/b/c',
  '/api/v1/environments?repository=acme/shop&repository=acme/blog',
  '/api/v1/environments?repository=acme/sh%00p',
  '/api/v1/environments?repo=acme/shop',
  '/api/v1/environments/%zz',
])('GET %s is 400 in the one error shape', async (url) => {
  await using server = await startApp();
  const { status, text } = await get(server, url);
  expect(status).toBe(400);
  expect(JSON.parse(text)).toMatchObject({ code: 'request.invalid', retryable: false });
  expect(JSON.parse(text)).toMatchObject({ error: expect.any(String) as unknown });
});

test('an address that is longer than any of ours is 414 in the one error shape', async ({ server }) => {
  const { status, text } = await get(server, `/api/v1/environments/namespace/${'x'.repeat(1_000)}`);
  expect(status).toBe(414);
  expect(JSON.parse(text)).toMatchObject({ code: 'request.too_long', retryable: false });
});

test.each(['/nothing', '/api', '/api/v2/environments', '/webhooks', '/.env'])(
  'GET %s is 404 in the one error shape',
  async (url) => {
    await using server = await startApp();
    const { status, text } = await get(server, url);
    expect(status).toBe(404);
    expect(JSON.parse(text)).toEqual({
      error: `There is nothing at GET ${url}.`,
      code: 'not_found',
      retryable: false,
    });
  },
);

test('answers name no owner and nothing of what only the work needs', async ({ server, ready }) => {
  const names = Object.keys(await getJson<object>(server, `/api/v1/environments/${ready.id}`));
  for (const hidden of ['owner_id', 'wanted_state', 'wanted_sha']) expect(names).not.toContain(hidden);
});

test.each([
  ['GET', '/'],
  ['GET', '/api/v1/environments'],
  ['GET', '/health'],
  ['GET', '/health/ready'],
  ['POST', '/webhooks/github'],
  ['DELETE', '/any/where'],
] as const)('%s %s with the host of an environment is answered by its page', async (method, url) => {
  await using server = await startApp();
  const { host } = await storeEnvironment(server.database.db);
  for (const header of [host, `${host}:3001`, host.toUpperCase(), `${host}.`]) {
    const answer = await server.app.inject({ method, url, headers: { host: header } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('This environment is ready');
  }
});

test('the host of a destroyed environment is gone (410), an unknown one not found (404)', async ({ server, gone }) => {
  expect((await get(server, '/', gone.host)).status).toBe(410);
  expect((await get(server, '/api/v1/environments', 'pr-9-unknown.preview.example')).status).toBe(404);
  expect((await get(server, '/health', `a.${gone.host}`)).status).toBe(404);
});

test('pages forbid scripts and are not kept by anybody', async ({ server, ready }) => {
  for (const { headers } of [await get(server, '/', ready.host), await get(server, '/')]) {
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

test('/health says that the process runs, whatever else does not', async () => {
  await using stack = new AsyncDisposableStack();
  const db = openDatabase({ connectionString: 'postgresql://ephemera@127.0.0.1:1/ephemera' }, () => {});
  stack.defer(() => db.destroy());
  const server = stack.use(await startApp({ db }));
  expect(await get(server, '/health')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  expect(await get(server, '/', 'pr-1-x.preview.example')).toMatchObject({ status: 503 });
  const { status, text } = await get(server, '/health/ready');
  expect(status).toBe(503);
  expect(JSON.parse(text)).toEqual({
    status: 'unavailable',
    checks: { database: expect.stringContaining('ECONNREFUSED') as unknown, cluster: 'the cluster does not answer' },
  });
});

test('/health/ready is 503 with a reason for each part that does not work, and ok for the others', async ({
  server,
}) => {
  const { status, text } = await get(server, '/health/ready');
  expect(status).toBe(503);
  expect(JSON.parse(text)).toEqual({
    status: 'unavailable',
    checks: { database: 'ok', cluster: 'the cluster does not answer' },
  });
});

test('a database that can only be read is not ready', async () => {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startApp());
  const { address } = server.database;
  const standby = { ...address, options: '-c default_transaction_read_only=on' };
  const db = openDatabase(standby, () => {});
  stack.defer(() => db.destroy());
  const readOnly = stack.use(await startApp({ db }));
  expect(JSON.parse((await get(readOnly, '/health/ready')).text)).toMatchObject({
    checks: { database: 'the database is read-only' },
  });
});

test('the page at / counts environments and shows no name of any repository, branch or pull request', async ({
  server,
  ready,
}) => {
  const { text } = await get(server, '/');
  expect(text).toContain('1 ready');
  for (const name of ['acme', 'shop', 'blog', ready.branchName, ready.namespace, ready.host, String(ready.prTitle)])
    expect(text).not.toContain(name);
});
