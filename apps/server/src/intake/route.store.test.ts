import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test as base } from 'vitest';
import { secrets, startApp, type TestApp } from '../../test/app.ts';
import { cloneDatabase } from '../../test/database.ts';
import { storeEnvironment } from '../../test/environment-row.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { environmentById, updateEnvironment } from '../store/environments.ts';

const megabyte = 1024 * 1024;
const payload = {
  action: 'opened',
  number: 12,
  pull_request: { head: { repo: { id: 42 } } },
  repository: { id: 42, full_name: 'acme/shop' },
  installation: { id: 5 },
};

interface Sent {
  readonly body?: string | Buffer;
  /** Replace the usual headers; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const sign = (body: string | Buffer, secret: string = secrets[0]) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

async function post({ app }: TestApp, { body = JSON.stringify(payload), headers = {} }: Sent = {}) {
  const usual = {
    'content-type': 'application/json',
    'x-github-delivery': randomUUID(),
    'x-github-event': 'pull_request',
    'x-hub-signature-256': sign(body),
  };
  const given = Object.entries({ ...usual, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const answer = await app.inject({
    method: 'POST',
    url: '/webhooks/github',
    headers: Object.fromEntries(given),
    payload: body,
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const deliveries = ({ database }: TestApp) => database.db.selectFrom('deliveries').selectAll().execute();
const work = ({ database }: TestApp) => database.db.selectFrom('work').selectAll().execute();

const test = base.extend<{ server: TestApp }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  server: async ({}, use) => {
    await using server = await startApp();
    await use(server);
  },
});

test('a signed delivery is answered with 202 after it and its work are stored, and wakes the worker', async ({
  server,
}) => {
  const id = randomUUID();
  const answer = await post(server, { headers: { 'x-github-delivery': id } });
  expect(answer).toEqual({
    status: 202,
    body: { status: 'accepted', delivery_id: id, event: 'pull_request', action: 'opened' },
  });
  expect(await deliveries(server)).toMatchObject([{ deliveryId: id, outcome: 'accepted', prNumber: 12, times: 1 }]);
  expect(await work(server)).toMatchObject([{ kind: 'pull-request', key: '42/12' }]);
  expect(server.wakes()).toBe(1);
});

test('while the webhook secret is replaced, a delivery signed with the previous one is accepted', async ({
  server,
}) => {
  const body = JSON.stringify(payload);
  expect(await post(server, { headers: { 'x-hub-signature-256': sign(body, secrets[1]) } })).toMatchObject({
    status: 202,
  });
});

const right = sign(JSON.stringify(payload));
test.each([
  ['a wrong signature', { 'x-hub-signature-256': sign('another body') }],
  ['no signature', { 'x-hub-signature-256': undefined }],
  ['an empty signature', { 'x-hub-signature-256': '' }],
  ['a truncated signature', { 'x-hub-signature-256': right.slice(0, -2) }],
  ['a signature with another secret', { 'x-hub-signature-256': sign(JSON.stringify(payload), 'guess') }],
  [
    'SHA-1 only',
    {
      'x-hub-signature-256': undefined,
      'x-hub-signature': `sha1=${createHmac('sha1', secrets[0]).update(JSON.stringify(payload)).digest('hex')}`,
    },
  ],
  ['two signatures', { 'x-hub-signature-256': `${right}, ${right}` }],
])('%s is answered with 401, and nothing is stored', async (_what, headers) => {
  await using server = await startApp();
  const answer = await post(server, { headers });
  expect(answer).toMatchObject({ status: 401, body: { code: 'webhook.signature_invalid', retryable: false } });
  expect(await deliveries(server)).toEqual([]);
  expect(await work(server)).toEqual([]);
  expect(server.wakes()).toBe(0);
});

test('of unsigned deliveries only their number remains, on the page at /', async ({ server }) => {
  for (let times = 0; times < 3; times += 1) await post(server, { headers: { 'x-hub-signature-256': undefined } });
  await post(server);
  expect((await server.app.inject({ url: '/' })).body).toContain('3 without a valid signature');
});

test('the signature counts before everything else: unsigned, also nonsense is only 401', async ({ server }) => {
  const headers = { 'x-hub-signature-256': undefined, 'x-github-delivery': undefined, 'x-github-event': 'odd' };
  expect((await post(server, { body: '{{{', headers })).status).toBe(401);
});

test.each([
  ['no delivery id', { 'x-github-delivery': undefined }, 'X-GitHub-Delivery'],
  ['an empty delivery id', { 'x-github-delivery': '' }, 'X-GitHub-Delivery'],
  ['a delivery id with spaces', { 'x-github-delivery': 'a b' }, 'X-GitHub-Delivery'],
  ['an endless delivery id', { 'x-github-delivery': 'a'.repeat(8_000) }, 'X-GitHub-Delivery'],
  ['a delivery id that is a statement', { 'x-github-delivery': "'; drop table work; --" }, 'X-GitHub-Delivery'],
  ['no event', { 'x-github-event': undefined }, 'X-GitHub-Event'],
  ['an event that is no word', { 'x-github-event': '<script>' }, 'X-GitHub-Event'],
])('%s is answered with 400 and the name of the header', async (_what, headers, name) => {
  await using server = await startApp();
  const answer = await post(server, { headers });
  expect(answer).toMatchObject({ status: 400, body: { code: 'webhook.header_missing' } });
  expect(answer.body['error']).toContain(name);
  expect(await deliveries(server)).toEqual([]);
});

test.each([
  ['not JSON', 'payload=%7B%7D'],
  ['empty', ''],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ['without a repository', JSON.stringify({ ...payload, repository: undefined })],
  ['of the wrong shape', JSON.stringify({ ...payload, number: 'twelve' })],
  ['with a number that no database holds', JSON.stringify({ ...payload, number: 2 ** 31 })],
  ['with a NUL in its action', JSON.stringify({ ...payload, action: 'opened\0' })],
  ['about a repository called ../..', JSON.stringify({ ...payload, repository: { id: 42, full_name: '../..' } })],
  ['a list', '[]'],
  ['null', 'null'],
])('a signed body that is %s is answered with 422, and the reason is stored', async (_what, body) => {
  await using server = await startApp();
  const answer = await post(server, { body });
  expect(answer).toMatchObject({ status: 422, body: { code: 'webhook.payload_invalid', retryable: false } });
  const [row] = await deliveries(server);
  expect(row).toMatchObject({ outcome: 'refused', event: 'pull_request' });
  expect(answer.body['error']).toContain(row?.reason);
  expect(await work(server)).toEqual([]);
});

test('JSON that is 10 000 levels deep is answered with 422, and so is 5 MB of nothing but brackets', async ({
  server,
}) => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  expect((await post(server, { body: deep })).status).toBe(422);
  expect((await post(server, { body: JSON.stringify(payload).replace('{', `{"deep":${deep},`) })).status).toBe(422);
  expect((await post(server, { body: '['.repeat(5 * megabyte - 1) })).status).toBe(422);
  expect(await work(server)).toEqual([]);
});

test('events of a repository and of an installation are work for these, with who caused it', async ({ server }) => {
  const send = (event: string, body: object) =>
    post(server, {
      body: JSON.stringify(body),
      headers: { 'x-github-event': event, 'x-hub-signature-256': sign(JSON.stringify(body)) },
    });
  const { number: _number, pull_request: _pull, ...about } = payload;
  expect((await send('repository', { ...about, action: 'renamed', sender: { id: 8 } })).status).toBe(202);
  expect((await send('installation', { action: 'suspend', installation: { id: 5 } })).status).toBe(202);
  expect((await send('installation_repositories', { action: 'removed', installation: { id: 5 } })).status).toBe(202);

  const rows = (await work(server)).toSorted((one, other) => one.kind.localeCompare(other.kind));
  expect(rows).toMatchObject([
    { kind: 'installation', key: '5', wanted: 2, hint: null },
    {
      kind: 'repository',
      key: '42',
      fairKey: '42',
      fairAuthor: '8',
      hint: { installationId: 5, repositoryFullName: 'acme/shop' },
    },
  ]);
});

test('an environment that was removed by hand is let go by a new reopened or closed, not by a redelivery', async ({
  server,
}) => {
  const { db } = server.database;
  const { id } = await storeEnvironment(db, { held: true, wantedState: 'closed', status: 'destroyed' });
  const isHeld = async () => (await environmentById(db, id))?.held;
  const send = (action: string, delivery: string) => {
    const body = JSON.stringify({ ...payload, action });
    return post(server, { body, headers: { 'x-github-delivery': delivery, 'x-hub-signature-256': sign(body) } });
  };
  for (const action of ['synchronize', 'edited', 'opened']) await send(action, randomUUID());
  expect(await isHeld()).toBe(true);
  await send('reopened', 'first');
  expect(await isHeld()).toBe(false);

  await updateEnvironment(db, id, { held: true });
  expect((await send('reopened', 'first')).body['status']).toBe('duplicate');
  expect(await isHeld()).toBe(true);
  await send('closed', 'second');
  expect(await isHeld()).toBe(false);
});

test('an event without an installation is ignored, with a stored reason that says what to do', async ({ server }) => {
  const answer = await post(server, { body: JSON.stringify({ ...payload, installation: undefined }) });
  expect(answer).toMatchObject({ status: 202, body: { status: 'ignored', action: 'opened' } });
  const [row] = await deliveries(server);
  expect(row).toMatchObject({ outcome: 'ignored', reason: answer.body['reason'] });
  expect(row?.reason).toContain('installation');
  expect(await work(server)).toEqual([]);
});

test('a pull request whose head repository is gone is accepted', async ({ server }) => {
  const body = JSON.stringify({ ...payload, pull_request: { head: { repo: null } } });
  expect((await post(server, { body })).body['status']).toBe('accepted');
});

test('an event that is not about pull requests is ignored, with a stored reason', async ({ server }) => {
  const answer = await post(server, { headers: { 'x-github-event': 'star' } });
  expect(answer).toMatchObject({ status: 202, body: { status: 'ignored', event: 'star' } });
  expect(await deliveries(server)).toMatchObject([
    { event: 'star', outcome: 'ignored', reason: answer.body['reason'] },
  ]);
  expect(server.wakes()).toBe(0);
});

test('an action that changes nothing here is ignored, with a stored reason', async ({ server }) => {
  const answer = await post(server, { body: JSON.stringify({ ...payload, action: 'assigned' }) });
  expect(answer).toMatchObject({ status: 202, body: { status: 'ignored', action: 'assigned' } });
});

test('a ping is answered with 200 pong', async ({ server }) => {
  const answer = await post(server, { headers: { 'x-github-event': 'ping' } });
  expect(answer).toEqual({ status: 200, body: { status: 'pong' } });
  expect(await deliveries(server)).toEqual([]);
});

test('a redelivery is a duplicate, and has the pull request looked at once more', async ({ server }) => {
  const headers = { 'x-github-delivery': randomUUID() };
  await post(server, { headers });
  await server.database.db.deleteFrom('work').execute();
  expect((await post(server, { headers })).body['status']).toBe('duplicate');
  expect(await deliveries(server)).toMatchObject([{ times: 2 }]);
  expect(await work(server)).toMatchObject([{ kind: 'pull-request', key: '42/12' }]);
  expect(server.wakes()).toBe(2);
});

test('without a GitHub App the webhook answers 503 not_configured and names the settings', async () => {
  await using server = await startApp({ webhookSecrets: undefined });
  const answer = await post(server);
  expect(answer).toMatchObject({ status: 503, body: { code: 'not_configured', retryable: false } });
  expect(answer.body['hint']).toContain('GITHUB_WEBHOOK_SECRET');
});

test.each(['text/plain', 'application/x-www-form-urlencoded', undefined])(
  'a body of the type %s is answered with 415',
  async (type) => {
    await using server = await startApp();
    expect(await post(server, { headers: { 'content-type': type } })).toMatchObject({
      status: 415,
      body: { code: 'request.media_type', hint: expect.stringContaining('application/json') as unknown },
    });
  },
);

test('a body of just under 5 MB is taken', async ({ server }) => {
  const body = JSON.stringify({ ...payload, padding: 'x'.repeat(5 * megabyte - 500) });
  expect((await post(server, { body })).status).toBe(202);
});

test.each(['with its length', 'chunked, without a length'])(
  'a body over 5 MB is refused with 413 before anybody looks at its signature, sent %s',
  async (how) => {
    await using server = await startApp();
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    const chunk = randomBytes(megabyte / 4);
    const total = 6 * megabyte;
    const length = how.startsWith('with') ? { 'content-length': String(total) } : { 'transfer-encoding': 'chunked' };
    const call = request({
      port: (server.app.server.address() as AddressInfo).port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/webhooks/github',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${'0'.repeat(64)}`, ...length },
    });
    // The server may answer and hang up before it was sent everything.
    call.on('error', () => {});
    Readable.from(Array.from({ length: total / chunk.length }, () => chunk)).pipe(call);
    const [answer] = (await once(call, 'response')) as [Readable & { statusCode: number }];
    let text = '';
    for await (const part of answer) text += String(part);
    expect(answer.statusCode).toBe(413);
    expect(JSON.parse(text)).toMatchObject({ code: 'request.too_large', retryable: false });
    expect(await deliveries(server)).toEqual([]);
    call.destroy();
  },
);

const nowhere: Readonly<Record<string, () => Database>> = {
  'nobody listens': () => openDatabase({ connectionString: 'postgresql://ephemera@127.0.0.1:1/ephemera' }, () => {}),
  'its socket is gone': () => openDatabase({ host: '/nowhere', user: 'ephemera', database: 'ephemera' }, () => {}),
};

test.each(Object.keys(nowhere))(
  'while the database is down (%s), each delivery is answered with 503 in time',
  async (how) => {
    await using stack = new AsyncDisposableStack();
    const db = (nowhere[how] as () => Database)();
    stack.defer(() => db.destroy());
    const server = stack.use(await startApp({ db }));
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(server)));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 503, body: { code: 'database.unavailable', retryable: true } });
    expect(server.wakes()).toBe(0);
  },
);

test('a database that is reached and says nothing counts as down, and the delivery is answered in time', async () => {
  await using stack = new AsyncDisposableStack();
  const sockets = new Set<Socket>();
  const deaf = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const { port } = deaf.address() as AddressInfo;
  const db = openDatabase({ connectionString: `postgresql://ephemera@127.0.0.1:${port}/ephemera` }, () => {});
  stack.defer(async () => {
    for (const socket of sockets) socket.destroy();
    deaf.close();
    await db.destroy();
  });
  const server = stack.use(await startApp({ db }));
  const startedAt = performance.now();
  expect(await post(server)).toMatchObject({ status: 503, body: { code: 'database.unavailable', retryable: true } });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(server.wakes()).toBe(0);
});

test('when the database is dropped under the server, deliveries are answered with 503', async () => {
  await using stack = new AsyncDisposableStack();
  const dropped = await cloneDatabase();
  const db = openDatabase(dropped.address, () => {});
  stack.defer(() => db.destroy());
  const server = stack.use(await startApp({ db }));
  expect((await post(server)).status).toBe(202);
  await dropped[Symbol.asyncDispose]();
  for (let times = 0; times < 3; times += 1) expect((await post(server)).status).toBe(503);
});
