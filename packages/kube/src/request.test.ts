import { expect, test } from 'vitest';
import { accessTo, apiServer, caught, drop, json, refusal, silent, text, type Answer } from '../test/api-server.ts';
import { openConnection, type Connection } from './connection.ts';
import { call, type KubeRequest } from './request.ts';

const read: KubeRequest = { method: 'GET', path: '/version', what: 'Reading the version' };
const patience = { timeout: 10_000 };
const fine = json(200, { gitVersion: 'v1' });

test('asks as who it is, with query and body, and gives the answer', async () => {
  await using api = await apiServer(fine);
  const connection = await openConnection({
    ...accessTo(api.url),
    identity: async () => ({ authorization: 'Bearer secret' }),
  });
  const answer = await call(connection, {
    method: 'PATCH',
    path: '/api/v1/namespaces/a%2Fb',
    query: { force: true, limit: 5, left: undefined },
    body: { a: 'ü' },
    contentType: 'application/apply-patch+yaml',
    what: 'Applying',
  });
  await connection.close();
  expect(answer).toEqual({ gitVersion: 'v1' });
  expect(api.asked).toMatchObject([
    {
      method: 'PATCH',
      path: '/api/v1/namespaces/a%2Fb',
      query: { force: 'true', limit: '5' },
      body: '{"a":"ü"}',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/apply-patch+yaml' },
    },
  ]);
});

test.each([
  ['429', (seconds: string) => json(429, {}, { 'retry-after': seconds })],
  ['503', (seconds: string) => json(503, {}, { 'retry-after': seconds })],
])('after %s, no second call comes before Retry-After', async (_status, refused) => {
  await using api = await apiServer(refused('1'), fine);
  await expect(call(api.connection, read)).resolves.toEqual({ gitVersion: 'v1' });
  const [first, second] = api.asked;
  // Timers may fire up to a millisecond early.
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(999);
});

const cut: Answer = (response) =>
  response.writeHead(200, { 'content-length': '100' }).write('{"gitVer', () => response.destroy());

test.each([
  ['429 without Retry-After', refusal(429, 'TooManyRequests')],
  ['500', refusal(500, 'InternalError')],
  ['503', refusal(503, 'ServiceUnavailable')],
  ['504', refusal(504, 'Timeout')],
  ['an HTML page of a proxy that says 502', text(502, '<html>\n<h1>Bad gateway</h1>')],
  ['an HTML page of a proxy that says 200', text(200, '<html>\n<h1>Welcome</h1>')],
  ['an HTML page of a proxy that says 404', text(404, '<html>\n<h1>Nothing here</h1>')],
  ['an answer that breaks off', cut],
  ['JSON that ends too early', text(200, '{"gitVer')],
  ['no answer at all', drop],
])('%s is asked again', async (_name, answer) => {
  await using api = await apiServer(answer, answer, fine);
  await expect(call(api.connection, read)).resolves.toEqual({ gitVersion: 'v1' });
  expect(api.asked).toHaveLength(3);
});

test.each([
  [400, 'BadRequest', 'kube.invalid'],
  [401, 'Unauthorized', 'kube.unauthenticated'],
  [403, 'Forbidden', 'kube.forbidden'],
  [404, 'NotFound', 'kube.not_found'],
  [409, 'Conflict', 'kube.conflict'],
  [410, 'Expired', 'kube.gone'],
  [422, 'Invalid', 'kube.invalid'],
])('%i %s is not asked again', async (status, reason, code) => {
  await using api = await apiServer(refusal(status, reason), fine);
  await expect(call(api.connection, read)).rejects.toMatchObject({ code });
  expect(api.asked).toHaveLength(1);
});

test.each([
  ['an answer that breaks off', cut, 'kube.unreachable'],
  ['JSON that ends too early', text(200, '{"gitVer'), 'kube.unreachable'],
  ['HTML instead of JSON', text(200, '<html>'), 'kube.unreachable'],
  ['a dropped answer', drop, 'kube.unreachable'],
  ['503', refusal(503, 'ServiceUnavailable'), 'kube.unavailable'],
  ['an HTML page', text(502, '<h1>Bad gateway</h1>\nmore'), 'kube.unavailable'],
])('%s until the deadline: a typed error that says it may be tried again', async (_name, answer, code) => {
  await using api = await apiServer(answer);
  const error = await caught(() => call(api.connection, { ...read, timeoutMs: 500 }));
  expect(error).toMatchObject({ code, retryable: true });
  expect(String(error)).not.toContain('more');
});

test.each([
  ['nothing', silent],
  ['only the beginning of an answer', (response) => response.writeHead(200).write('{"git')],
] satisfies [string, Answer][])('%s before the deadline: kube.deadline_exceeded', async (_name, answer) => {
  await using api = await apiServer(answer);
  const startedAt = performance.now();
  const error = await caught(() => call(api.connection, { ...read, timeoutMs: 200 }));
  expect(error).toMatchObject({
    code: 'kube.deadline_exceeded',
    retryable: true,
    message: 'Reading the version took longer than 200 ms.',
  });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('a server that falls silent after an error: the deadline tells the error', async () => {
  await using api = await apiServer(refusal(503, 'ServiceUnavailable'), silent);
  await expect(call(api.connection, { ...read, timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'kube.unavailable' });
  expect(api.asked).toHaveLength(2);
});

test('a Retry-After beyond the deadline is not waited for', async () => {
  await using api = await apiServer(json(429, {}, { 'retry-after': '20' }));
  const startedAt = performance.now();
  await expect(call(api.connection, { ...read, timeoutMs: 10_000 })).rejects.toMatchObject({
    code: 'kube.throttled',
    details: { retryAfterMs: 20_000 },
  });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('Retry-After: 0 does not have a call repeated as fast as the pace allows: it waits longer each time', async () => {
  await using api = await apiServer(json(429, {}, { 'retry-after': '0' }));
  await expect(call(api.connection, { ...read, timeoutMs: 1_500 })).rejects.toMatchObject({ code: 'kube.throttled' });
  // At 20 ms each it would be more than sixty.
  expect(api.asked.length).toBeLessThan(25);
  expect(api.asked.length).toBeGreaterThan(1);
});

test('a server that is not there: kube.unreachable, within a small deadline', async () => {
  const api = await apiServer(fine);
  await api[Symbol.asyncDispose]();
  const connection = await openConnection(accessTo(api.url));
  const startedAt = performance.now();
  await expect(call(connection, { ...read, timeoutMs: 500 })).rejects.toMatchObject({ code: 'kube.unreachable' });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  await connection.close();
});

test('an abort during the call passes through as what it is, and closes the socket', async () => {
  await using api = await apiServer(silent);
  const stop = new AbortController();
  const running = caught(() => call(api.connection, { ...read, signal: stop.signal }));
  await expect.poll(() => api.asked.length, patience).toBe(1);
  stop.abort();
  expect(await running).toMatchObject({ name: 'AbortError' });
  await expect.poll(() => api.sockets(), patience).toBe(0);
});

test('an abort during the wait for the next attempt passes through, and nothing is asked again', async () => {
  await using api = await apiServer(json(429, {}, { 'retry-after': '3' }), fine);
  const stop = new AbortController();
  const running = caught(() => call(api.connection, { ...read, signal: stop.signal }));
  await expect.poll(() => api.asked.length, patience).toBe(1);
  stop.abort();
  expect(await running).toMatchObject({ name: 'AbortError' });
  expect(api.asked).toHaveLength(1);
});

test('a reason given to the abort passes through', async () => {
  await using api = await apiServer(silent);
  const reason = new Error('shutting down');
  const error = await caught(() => call(api.connection, { ...read, signal: AbortSignal.abort(reason) }));
  expect(error).toBe(reason);
  expect(api.asked).toHaveLength(0);
});

test('closing the connection ends a call that runs, at once', async () => {
  await using api = await apiServer(silent);
  const startedAt = performance.now();
  const running = caught(() => call(api.connection, read));
  await expect.poll(() => api.asked.length, patience).toBe(1);
  await api.connection.close();
  expect(await running).toMatchObject({ code: 'kube.unreachable' });
  await expect(call(api.connection, read)).rejects.toMatchObject({ code: 'kube.unreachable' });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('credentials that cannot be read are not called an unreachable cluster', async () => {
  await using api = await apiServer(fine);
  const connection = await openConnection({ ...accessTo(api.url), tokenFile: '/nowhere/token' });
  await expect(call(connection, read)).rejects.toMatchObject({
    code: 'kube.credentials_unavailable',
    message: expect.stringContaining('/nowhere/token'),
  });
  await connection.close();
  expect(api.asked).toHaveLength(0);
});

test('Retry-After holds for every call of the class and for no other: what is urgent goes ahead', async () => {
  await using api = await apiServer(json(429, {}, { 'retry-after': '1' }), fine);
  const bulk = [call(api.connection, read)];
  await expect.poll(() => api.asked.length, patience).toBe(1);
  // Sent after the first was told to wait: told to wait with it, without asking.
  await expect.poll(async () => (await refusedNow(api.connection)) !== undefined, patience).toBe(true);
  bulk.push(call(api.connection, { ...read, path: '/bulk' }));
  await expect(call(api.connection, { ...read, path: '/urgent', urgency: 'urgent' })).resolves.toEqual({
    gitVersion: 'v1',
  });
  expect(api.asked.map(({ path }) => path)).toEqual(['/version', '/urgent']);

  await Promise.all(bulk);
  const [refused, , ...waited] = api.asked;
  expect(waited.map(({ path }) => path).toSorted()).toEqual(['/bulk', '/version']);
  for (const { at } of waited) expect(at - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
});

/** How long a bulk call would have to wait; undefined when it need not. */
async function refusedNow(connection: Connection): Promise<number | undefined> {
  return connection.gates.bulk.enter({ latest: performance.now(), signal: new AbortController().signal });
}

test.each([
  ['429', 429],
  ['503', 503],
])(
  'after %s with a long Retry-After a call of the class fails at once with what is left of it, without asking',
  async (_name, status) => {
    await using api = await apiServer(json(status, {}, { 'retry-after': '20' }), fine);
    const startedAt = performance.now();
    await expect(call(api.connection, read)).rejects.toMatchObject({
      retryable: true,
      details: { retryAfterMs: 20_000 },
    });
    const second = await caught(() => call(api.connection, read));
    expect(second).toMatchObject({ code: 'kube.throttled', retryable: true });
    const { retryAfterMs } = (second as { details: { retryAfterMs: number } }).details;
    expect(retryAfterMs).toBeGreaterThan(15_000);
    expect(retryAfterMs).toBeLessThanOrEqual(20_000);
    expect(api.asked).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  },
);

test('a Retry-After of a conflict is about one object and stops nobody else', async () => {
  await using api = await apiServer(json(409, { reason: 'Conflict' }, { 'retry-after': '7' }), fine);
  await expect(call(api.connection, read)).rejects.toMatchObject({ code: 'kube.conflict' });
  await expect(call(api.connection, read)).resolves.toEqual({ gitVersion: 'v1' });
});

test('a page not found of the API server itself is a kind that it does not know, and is not asked again', async () => {
  await using api = await apiServer(text(404, '404 page not found\n', { 'audit-id': '4f1c' }), fine);
  await expect(call(api.connection, read)).rejects.toMatchObject({ code: 'kube.unknown_kind', retryable: false });
  expect(api.asked).toHaveLength(1);
});

test('many calls at once are not held up by the gate', async () => {
  await using api = await apiServer(fine);
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 900 }, () => call(api.connection, read)));
  // At fifty a second it would be sixteen seconds.
  expect(performance.now() - startedAt).toBeLessThan(12_000);
  expect(api.asked).toHaveLength(900);
});
