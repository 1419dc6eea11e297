import { expect, test } from 'vitest';
import { caught, drop, json, refusal, silent, text, type Answer } from '../test/api-server.ts';
import { execServer, success } from '../test/exec-server.ts';

/** A server that answers the handshake as any request. */
function refusing(answer: Answer) {
  return execServer({ onRequest: (_request, response) => answer(response, undefined as never) });
}

const said = (code: number, reason: string, message: string) =>
  json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, { 'audit-id': 'one' });

test.each<[string, Answer, string, boolean]>([
  ['401', refusal(401, 'Unauthorized'), 'kube.unauthenticated', false],
  ['403', refusal(403, 'Forbidden'), 'kube.forbidden', false],
  ['404 of the API server about the pod', refusal(404, 'NotFound'), 'kube.not_found', false],
  ['404 of a proxy', text(404, '<html>'), 'kube.unavailable', true],
  ['500', said(500, 'InternalError', 'etcd is away'), 'kube.unavailable', true],
  ['502 of a proxy', text(502, '<html>\n<h1>Bad gateway'), 'kube.unavailable', true],
  ['a redirect', text(302, '', { location: 'http://127.0.0.1:1/' }), 'kube.unavailable', true],
  ['200 without an upgrade', text(200, 'Welcome'), 'kube.unavailable', true],
  ['a wrong container', said(400, 'BadRequest', 'container side is not valid for pod web'), 'kube.invalid', false],
  ['no node yet', said(400, 'BadRequest', 'pod web does not have a host assigned'), 'kube.container_not_ready', true],
  [
    'no container yet',
    text(500, 'unable to upgrade connection: container not found ("main")\n'),
    'kube.container_not_ready',
    true,
  ],
  ['no pod on the node yet', text(404, 'pod does not exist'), 'kube.container_not_ready', true],
  ['a connection that is cut', drop, 'kube.unreachable', true],
])('a handshake that is answered with %s fails with its own error', async (_what, answer, code, retryable) => {
  await using api = await refusing(answer);
  expect(await caught(() => api.exec())).toMatchObject({ code, retryable });
  await expect.poll(api.sockets).toBe(0);
});

test('a handshake that is never answered ends at its deadline, and leaves no socket', async () => {
  await using api = await refusing(silent);
  const error = await caught(() => api.exec({ handshakeTimeoutMs: 150 }));
  expect(error).toMatchObject({ code: 'kube.deadline_exceeded', retryable: true });
  await expect.poll(api.sockets).toBe(0);
});

test('a refusal whose text never ends is cut at the deadline too', async () => {
  const endless: Answer = (response) => response.writeHead(500).write('one byte and');
  await using api = await refusing(endless);
  const error = await caught(() => api.exec({ handshakeTimeoutMs: 150 }));
  expect(error).toMatchObject({ code: 'kube.deadline_exceeded' });
  await expect.poll(api.sockets).toBe(0);
});

test('a cluster that asks for patience is not asked again before', async () => {
  await using api = await refusing(said.call(undefined, 500, '', ''));
  await using strict = await refusing(json(429, { message: 'too many' }, { 'retry-after': '60' }));
  expect(await caught(() => strict.exec())).toMatchObject({
    code: 'kube.throttled',
    details: { retryAfterMs: 60_000 },
  });
  expect(await caught(() => strict.exec({ handshakeTimeoutMs: 1000 }))).toMatchObject({ code: 'kube.throttled' });
  expect(await caught(() => api.exec())).toMatchObject({ code: 'kube.unavailable' });
});

test.each([[false as const], ['v4.channel.k8s.io']])(
  'a cluster that chooses the protocol %s is told apart from one that is away',
  async (protocol) => {
    await using api = await execServer({ protocol });
    const error = await caught(() => api.exec());
    expect(error).toMatchObject({ code: 'kube.invalid', message: expect.stringContaining('v5.channel.k8s.io') });
  },
);

test('a server that is not there is unreachable', async () => {
  const api = await execServer();
  await api[Symbol.asyncDispose]();
  await using other = await execServer({ access: { server: api.url } });
  expect(await caught(() => other.exec())).toMatchObject({ code: 'kube.unreachable', retryable: true });
});

test('streams beyond the limit are refused, and one that ends makes room for another', async () => {
  await using api = await execServer({
    connection: { mostStreams: 2 },
    onPeer: ({ socket, status }) => socket.on('message', () => status(success)),
  });
  const first = await api.exec();
  const second = await api.exec();
  const full = { code: 'kube.too_many_streams', retryable: true, details: { most: 2 } };
  expect(await caught(() => api.exec())).toMatchObject(full);
  first.close();
  const third = await api.exec();
  expect(await caught(() => api.exec())).toMatchObject(full);
  await second.closeStdin();
  expect(await second.ended).toMatchObject({ exitCode: 0 });
  await api.exec();
  third.close();
});

test('a handshake that failed holds no place', async () => {
  await using api = await execServer({
    connection: { mostStreams: 1 },
    onRequest: (_request, response) => void response.writeHead(500).end(),
  });
  for (const _attempt of [1, 2, 3]) expect(await caught(() => api.exec())).toMatchObject({ code: 'kube.unavailable' });
});
