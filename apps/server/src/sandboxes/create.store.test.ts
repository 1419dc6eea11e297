import type { SandboxHost } from '@ephemera/sandbox';
import { expect, test, vi } from 'vitest';
import { startSandboxApp, type SandboxApp } from '../../test/sandbox-app.ts';

const rows = ({ server }: SandboxApp) => server.database.db.selectFrom('sandboxes').selectAll().execute();

test('a sandbox is made, shown, listed and removed by the token that made it', async () => {
  await using app = await startSandboxApp();
  const ci = await app.as();
  const made = await ci.ask('POST', '', {
    image: 'busybox:1',
    name: 'fix',
    metadata: { run: '7' },
    timeout_ms: 60_000,
  });
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'fix', image: 'busybox:1', state: 'running', metadata: { run: '7' }, created: true, ended: null },
  });
  const { id } = made.body as { id: string };
  expect(await ci.ask('GET', `/${id}`)).toMatchObject({ status: 200, body: { id, state: 'running' } });
  expect((await ci.ask('GET')).body).toMatchObject([{ id }]);
  expect((await ci.ask('GET', '?name=fix')).body).toMatchObject([{ id }]);
  expect((await ci.ask('GET', '?name=other')).body).toEqual([]);
  expect((await ci.ask('DELETE', `/${id}`)).status).toBe(204);
  expect(await app.host.list()).toEqual([]);
  expect(await ci.ask('GET', `/${id}`)).toMatchObject({ status: 404, body: { code: 'sandbox.not_found' } });
  expect(await rows(app)).toEqual([]);
});

test('a sandbox of another token is not there, whatever is asked of it', async () => {
  await using app = await startSandboxApp({ programs: { true: { exitCode: 0 } } });
  const [owner, other] = [await app.as(), await app.as({ scopes: ['admin'] })];
  const { id } = await owner.create();
  expect((await other.ask('GET')).body).toEqual([]);
  const asked = [
    await other.ask('GET', `/${id}`),
    await other.ask('DELETE', `/${id}`),
    await other.ask('POST', `/${id}/extend`, { timeout_ms: 60_000 }),
    await other.ask('POST', `/${id}/commands`, { argv: ['true'] }),
    await other.ask('GET', `/${id}/commands`),
    await other.ask('GET', `/${id}/commands/x/logs`),
    await other.ask('POST', `/${id}/commands/x/kill`),
    await other.ask('GET', `/${id}/files?path=a`),
    await other.ask('GET', `/${id}/files/list`),
    await other.ask('DELETE', `/${id}/files?path=a`),
    await other.ask('PUT', `/${id}/files?path=a`, {}),
    await other.ask('POST', `/${id}/commands/x/stdin`, {}),
  ];
  for (const { status, body } of asked)
    expect({ status, ...body }).toMatchObject({ status: 404, code: 'sandbox.not_found' });
  expect((await owner.ask('GET', `/${id}`)).status).toBe(200);
});

test('a sandbox that the server did not make is not there', async () => {
  await using app = await startSandboxApp();
  const { id } = await app.host.create({});
  const ci = await app.as();
  expect(await ci.ask('GET', `/${id}`)).toMatchObject({ status: 404, body: { code: 'sandbox.not_found' } });
  expect((await ci.ask('GET')).body).toEqual([]);
});

test.each([
  'sandbox-1',
  '..%2f..%2fpods',
  'SANDBOX-0123456789',
  '%00',
  'sandbox-0123456789%0a',
  'x'.repeat(90),
  "'%20or%201=1",
])('an id such as %s is of no sandbox', async (id) => {
  await using app = await startSandboxApp();
  const ci = await app.as();
  const { status, body } = await ci.ask('GET', `/${id}`);
  expect([status, body['retryable']]).toEqual([404, false]);
});

test('reading needs its scope, and writing needs another one', async () => {
  await using app = await startSandboxApp();
  const [reader, writer] = [
    await app.as({ scopes: ['sandboxes:read'] }),
    await app.as({ scopes: ['sandboxes:write'] }),
  ];
  expect((await reader.ask('GET')).status).toBe(200);
  expect(await reader.ask('POST', '', {})).toMatchObject({ status: 403, body: { code: 'token.scope_missing' } });
  const { id } = await writer.create();
  expect(await writer.ask('GET', `/${id}`)).toMatchObject({ status: 403, body: { code: 'token.scope_missing' } });
  expect(await app.host.list()).toHaveLength(1);
});

test('the same Idempotency-Key gives the same sandbox, also when both come at once', async () => {
  await using app = await startSandboxApp();
  const ci = await app.as();
  const key = { 'idempotency-key': 'run-7' };
  const both = await Promise.all([ci.ask('POST', '', {}, key), ci.ask('POST', '', {}, key)]);
  const made = both.find(({ body }) => body['created'] === true);
  expect(made?.status).toBe(201);
  // The other one came while it was being made, or after.
  for (const { status, body } of both.filter((one) => one !== made))
    expect(status === 503 ? body['code'] : body['id']).toBe(status === 503 ? 'sandbox.being_made' : made?.body['id']);
  const later = await ci.ask('POST', '', {}, key);
  expect(later).toMatchObject({ status: 201, body: { id: made?.body['id'], created: false } });
  expect(await app.host.list()).toHaveLength(1);
});

test('the key of a sandbox that has been removed is answered with that, not with the sandbox', async () => {
  await using app = await startSandboxApp();
  const ci = await app.as();
  const key = { 'idempotency-key': 'run-8' };
  const { body } = await ci.ask('POST', '', {}, key);
  await ci.ask('DELETE', `/${String(body['id'])}`);
  expect(await ci.ask('POST', '', {}, key)).toMatchObject({ status: 410, body: { code: 'sandbox.gone' } });
  expect(await app.host.list()).toEqual([]);
});

test('a key stands for one request, and each token has keys of its own', async () => {
  await using app = await startSandboxApp();
  const [ci, other] = [await app.as(), await app.as()];
  const key = { 'idempotency-key': 'run-7' };
  const { body } = await ci.ask('POST', '', { name: 'a' }, key);
  expect(await ci.ask('POST', '', { name: 'b' }, key)).toMatchObject({
    status: 409,
    body: { code: 'sandbox.key_reused' },
  });
  const others = await other.ask('POST', '', { name: 'b' }, key);
  expect(others).toMatchObject({ status: 201, body: { created: true } });
  expect(others.body['id']).not.toBe(body['id']);
});

test('a token has as many sandboxes as it may, and those that have ended do not count', async () => {
  await using app = await startSandboxApp({ settings: { SANDBOXES_PER_TOKEN: '2', SANDBOXES_IN_ALL: '3' } });
  const [ci, other] = [await app.as(), await app.as()];
  const first = await ci.create();
  await ci.create();
  expect(await ci.ask('POST', '', {})).toMatchObject({
    status: 429,
    body: { code: 'sandbox.too_many', retryable: true },
  });
  await other.create();
  expect(await other.ask('POST', '', {})).toMatchObject({ status: 429, body: { code: 'sandbox.too_many' } });
  app.host.faults(first.id).evict();
  await ci.create();
});

test('of ten creations at once no more succeed than a token may have', async () => {
  await using app = await startSandboxApp({ settings: { SANDBOXES_PER_TOKEN: '3' } });
  const ci = await app.as();
  const all = await Promise.all(Array.from({ length: 10 }, () => ci.ask('POST', '', {})));
  expect(all.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(await app.host.list()).toHaveLength(3);
});

test('a name is one living sandbox of a token', async () => {
  await using app = await startSandboxApp();
  const [ci, other] = [await app.as(), await app.as()];
  const { id } = await ci.create({ name: 'fix' });
  expect(await ci.ask('POST', '', { name: 'fix' })).toMatchObject({
    status: 409,
    body: { code: 'sandbox.name_taken', details: { name: 'fix', id } },
  });
  await ci.ask('DELETE', `/${id}`);
  await ci.create({ name: 'fix' });
  expect((await other.ask('GET', '?name=fix')).body).toEqual([]);
});

test('creations are counted, and asking again has its time', async () => {
  await using app = await startSandboxApp({ settings: { SANDBOXES_PER_MINUTE: '1' } });
  const ci = await app.as();
  await ci.create();
  const refused = await ci.ask('POST', '', {});
  expect(refused).toMatchObject({ status: 429, body: { code: 'sandbox.too_many_requests' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});

const allowed = {
  SANDBOXES_IMAGES: 'busybox:*,docker.io/acme/*',
  SANDBOXES_RANGES: '203.0.113.0/24',
  SANDBOXES_CPU: '1',
  SANDBOXES_LONGEST_SECONDS: '600',
};
const base = { image: 'busybox:1' };

test.each([
  ['an image', { image: 'alpine' }, 'image'],
  ['more CPU', { ...base, resources: { limits: { cpu: '1500m' } } }, 'resources.limits.cpu'],
  ['more disk', { ...base, resources: { limits: { ephemeral_storage: '9Gi' } } }, 'resources.limits.ephemeral_storage'],
  ['a longer life', { ...base, timeout_ms: 600_001 }, 'timeout_ms'],
  ['root', { ...base, user: 0 }, 'user'],
  ['DNS', { ...base, network: { dns: true } }, 'network.dns'],
  ['the whole network', { ...base, network: { allow: [{ cidr: '0.0.0.0/0' }] } }, 'network.allow[0].cidr'],
])('%s that the server does not allow is refused, and nothing is made', async (_what, body, path) => {
  await using app = await startSandboxApp({ settings: allowed });
  const ci = await app.as();
  expect(await ci.ask('POST', '', body)).toMatchObject({
    status: 403,
    body: { code: 'sandbox.not_allowed', details: { problems: [{ path }] } },
  });
  expect(await app.host.list()).toEqual([]);
  expect(await rows(app)).toEqual([]);
});

test('within what the server allows nothing is refused, and a token may have less', async () => {
  await using app = await startSandboxApp({ settings: allowed });
  const [ci, narrow] = [await app.as(), await app.as({ images: ['busybox:1'] })];
  await ci.create({ image: 'acme/tools', timeout_ms: 600_000, network: { allow: [{ cidr: '203.0.113.8/32' }] } });
  await narrow.create({ image: 'busybox:1' });
  expect(await narrow.ask('POST', '', { image: 'busybox:2' })).toMatchObject({ status: 403 });
});

test('a token for other namespaces makes no sandbox', async () => {
  await using app = await startSandboxApp({ settings: { SANDBOXES_NAMESPACE: 'boxes' } });
  const [inside, outside] = [await app.as({ namespaces: ['boxes'] }), await app.as({ namespaces: ['builds'] })];
  await inside.create();
  expect(await outside.ask('POST', '', {})).toMatchObject({ status: 403, body: { code: 'sandbox.not_allowed' } });
});

test('a server without a namespace for them makes no sandboxes', async () => {
  await using app = await startSandboxApp({ settings: { SANDBOXES_NAMESPACE: 'none' } });
  const ci = await app.as();
  expect(await ci.ask('POST', '', {})).toMatchObject({ status: 403, body: { code: 'sandbox.not_enabled' } });
});

test.each([
  [{ service_account_name: 'admin' }, 400],
  [{ node_selector: {} }, 400],
  [{ timeout_ms: 'soon' }, 400],
  [{ timeout_ms: 0 }, 400],
  [{ name: 'No Name' }, 400],
  [{ image: 'busy box' }, 400],
  [{ env: { 'A=B': 'x' } }, 400],
  [{ env: { A: 'x\0y' } }, 400],
  [{ network: { allow: [{ cidr: 'everywhere' }] } }, 403],
  [[], 400],
])('%j is answered with a reason', async (body, status) => {
  await using app = await startSandboxApp();
  const ci = await app.as();
  const answer = await ci.ask('POST', '', body);
  expect(answer).toMatchObject({
    status,
    body: { error: expect.any(String), code: expect.any(String), retryable: false },
  });
  expect(await app.host.list()).toEqual([]);
});

test('a sandbox that does not start is told with its reason, and its name is free again', async () => {
  const reason = 'its image cannot be pulled.';
  await using app = await startSandboxApp({ refuseStart: { diagnosis: 'pod.image_pull', reason } });
  const ci = await app.as();
  const key = { 'idempotency-key': 'k' };
  for (const _try of [1, 2]) {
    const answer = await ci.ask('POST', '', { name: 'fix' }, key);
    expect(answer).toMatchObject({ status: 422, body: { code: 'sandbox.start_failed', details: { reason } } });
  }
  expect((await ci.ask('GET')).body).toEqual([]);
});

/** A host whose creations take until they are broken off. */
const slowHost = (host: SandboxHost, made: () => void): SandboxHost => ({
  ...host,
  create: async ({ signal }) => {
    made();
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  },
});

test('who leaves before the answer gets no sandbox, and until then the same request hears that it is being made', async () => {
  const begun = vi.fn();
  await using app = await startSandboxApp({ around: (host) => slowHost(host, begun) });
  const ci = await app.as();
  const leaving = new AbortController();
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
  const asked = ci.fetch('', { method: 'POST', body: '{"name":"fix"}', headers, signal: leaving.signal });
  await vi.waitFor(() => expect(begun).toHaveBeenCalled(), 10_000);
  expect(await ci.ask('POST', '', { name: 'fix' }, { 'idempotency-key': 'k' })).toMatchObject({
    status: 503,
    body: { code: 'sandbox.being_made', retryable: true },
  });
  expect((await ci.ask('GET')).body).toMatchObject([{ name: 'fix', state: 'starting' }]);
  leaving.abort();
  await expect(asked).rejects.toThrow('aborted');
  await vi.waitFor(async () => expect((await ci.ask('GET')).body).toEqual([]), 10_000);
});

test('an end is moved, never beyond how long a sandbox may live', async () => {
  await using app = await startSandboxApp({ settings: allowed });
  const ci = await app.as();
  const { id, expires_at: before } = await ci.create({ ...base, timeout_ms: 60_000 });
  const moved = await ci.ask('POST', `/${id}/extend`, { timeout_ms: 500_000 });
  expect(moved.status).toBe(200);
  expect(Date.parse(String(moved.body['expires_at']))).toBeGreaterThan(Date.parse(before) + 400_000);
  const [row] = await rows(app);
  expect(row?.expiresAt.toISOString()).toBe(moved.body['expires_at']);
  expect(await ci.ask('POST', `/${id}/extend`, { timeout_ms: 700_000 })).toMatchObject({
    status: 403,
    body: { code: 'sandbox.not_allowed' },
  });
});

test('of a sandbox that has ended it is said why', async () => {
  await using app = await startSandboxApp({ programs: { true: { exitCode: 0 } } });
  const ci = await app.as();
  const { id } = await ci.create();
  app.host.faults(id).evict();
  const shown = await ci.ask('GET', `/${id}`);
  expect(shown.body).toMatchObject({ ended: { code: 'sandbox.evicted' } });
  expect(await ci.ask('POST', `/${id}/commands`, { argv: ['true'] })).toMatchObject({
    status: 410,
    body: { code: 'sandbox.evicted' },
  });
});
