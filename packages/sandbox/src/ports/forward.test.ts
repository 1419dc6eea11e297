import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { scriptedRunner } from '../../test/scripted/scripted-runner.ts';
import { EchoPort } from '../../test/scripted/served-port.ts';
import { SandboxGone } from '../errors.ts';
import { forward } from './forward.ts';

function connected(port: number): Socket {
  return connect({ port, host: '127.0.0.1', allowHalfOpen: true });
}

test('several connections at once each carry their own bytes, and the answer comes after the question has ended', async () => {
  const echo = new EchoPort(8080);
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  await using forwarded = await forward(runner.link, 8080);
  expect(forwarded.url).toBe(`http://127.0.0.1:${forwarded.port}`);
  const contents = Array.from({ length: 12 }, () => randomBytes(700_000));
  const answers = contents.map(async (content) => {
    const socket = connected(forwarded.port);
    socket.end(content);
    return buffer(socket);
  });
  const back = await Promise.all(answers);
  expect(back.map((answer, index) => answer.equals(contents[index] ?? Buffer.of()))).toEqual(contents.map(() => true));
  expect(echo.unallowed).toBe(0);
  await expect.poll(() => echo.open).toBe(0);
});

test('a program that does not read slows the connection down instead of filling this memory', async () => {
  const echo = new EchoPort(8080);
  echo.reading = false;
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  await using forwarded = await forward(runner.link, 8080);
  const socket = connected(forwarded.port);
  const content = randomBytes(40_000_000);
  socket.end(content);
  await expect.poll(() => echo.received).toBe(32 * 1024);
  expect(socket.writableLength).toBeGreaterThan(0);
  echo.resume();
  expect((await buffer(socket)).equals(content)).toBe(true);
});

test('where nobody listens in the sandbox the connection is reset, and the next one may succeed', async () => {
  const echo = new EchoPort(8080);
  let up = false;
  using runner = scriptedRunner((request, turn) =>
    request.kind === 'connect' && !up ? turn.refuse('port_refused', 111) : echo.take(request, turn),
  );
  await using forwarded = await forward(runner.link, 8080);
  const refused = connected(forwarded.port);
  await expect(buffer(refused)).rejects.toMatchObject({ code: 'ECONNRESET' });
  up = true;
  const socket = connected(forwarded.port);
  socket.end('hello');
  expect((await buffer(socket)).toString()).toBe('hello');
});

test('a client that goes away ends its connection in the sandbox, and no other', async () => {
  const echo = new EchoPort(8080);
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  await using forwarded = await forward(runner.link, 8080);
  const [goes, stays] = [connected(forwarded.port), connected(forwarded.port)];
  for (const socket of [goes, stays]) socket.write('x');
  await expect.poll(() => echo.received).toBe(2);
  goes.resetAndDestroy();
  await expect.poll(() => echo.open).toBe(1);
  stays.end('y');
  expect((await buffer(stays)).toString()).toBe('xy');
});

test('closing it ends its connections, frees the port, and says so by nothing but that', async () => {
  const echo = new EchoPort(8080);
  using runner = scriptedRunner((request, turn) => echo.take(request, turn));
  const forwarded = await forward(runner.link, 8080);
  const socket = connected(forwarded.port);
  socket.on('error', () => {});
  socket.write('x');
  await expect.poll(() => echo.received).toBe(1);
  await forwarded.close();
  await forwarded.close();
  expect(await forwarded.closed).toBeUndefined();
  await expect.poll(() => socket.closed).toBe(true);
  await expect.poll(() => echo.open).toBe(0);
  const next = createServer().listen(forwarded.port, '127.0.0.1');
  await once(next, 'listening');
  next.close();
});

test('it ends with its signal', async () => {
  using runner = scriptedRunner(() => {});
  const controller = new AbortController();
  const forwarded = await forward(runner.link, 8080, { signal: controller.signal });
  controller.abort();
  expect(await forwarded.closed).toBeUndefined();
});

test('it ends by itself when the sandbox is gone, and says why', async () => {
  let gone: Error | undefined;
  using runner = scriptedRunner(
    (request, turn) => {
      if (request.kind !== 'connect') return;
      gone = new SandboxGone({ id: 'sandbox-0123456789', reason: 'its pod was deleted' });
      turn.cut();
    },
    () => gone,
  );
  await using forwarded = await forward(runner.link, 8080);
  const socket = connected(forwarded.port);
  socket.on('error', () => {});
  expect(await forwarded.closed).toMatchObject({ code: 'sandbox.gone' });
});

test('a port of this machine that is in use is a typed error', async () => {
  using runner = scriptedRunner(() => {});
  await using first = await forward(runner.link, 8080);
  await expect(forward(runner.link, 8080, { localPort: first.port })).rejects.toMatchObject({
    code: 'sandbox.local_port',
    message: `Port ${first.port} of this machine cannot be used: something else listens there.`,
  });
});
