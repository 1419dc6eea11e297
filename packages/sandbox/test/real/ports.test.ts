import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { connectPort } from '../../src/ports/connect-port.ts';
import { forward } from '../../src/ports/forward.ts';
import { waitForPort } from '../../src/ports/wait-for-port.ts';
import { realRunner } from './real-runner.ts';

/** A program of the sandbox, which shares this machine's network here. */
async function listening(onConnection: (socket: Socket) => void, host = '127.0.0.1') {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, port, [Symbol.dispose]: () => close(server) };
}

function close(server: Server): void {
  server.close();
}

const echo = (socket: Socket) => void socket.pipe(socket);

test.each(['127.0.0.1', '::1'])('a program at %s is reached, and each way ends for itself', async (host) => {
  using program = await listening(echo, host);
  await using runner = await realRunner();
  const stream = await connectPort(runner.link, program.port);
  const content = randomBytes(8_000_000);
  const sent = stream.write(content).then(() => stream.end());
  const pieces: Uint8Array[] = [];
  for await (const piece of stream.readable) pieces.push(piece);
  await sent;
  expect(Buffer.concat(pieces).equals(content)).toBe(true);
});

test('a port is waited for until a program listens there', async () => {
  await using runner = await realRunner();
  using first = await listening(echo);
  const { port } = first;
  first.server.close();
  await once(first.server, 'close');
  await expect(connectPort(runner.link, port)).rejects.toMatchObject({ code: 'sandbox.port_refused' });
  const waiting = waitForPort(runner.link, port);
  const second = createServer(echo).listen(port, '127.0.0.1');
  await waiting;
  second.close();
});

test('a forwarded port carries several connections at once, each whole', async () => {
  using program = await listening(echo);
  await using runner = await realRunner();
  await using forwarded = await forward(runner.link, program.port);
  const contents = Array.from({ length: 8 }, () => randomBytes(2_000_000));
  const back = await Promise.all(
    contents.map((content) => {
      const socket = connect({ port: forwarded.port, host: '127.0.0.1', allowHalfOpen: true });
      socket.end(content);
      return buffer(socket);
    }),
  );
  expect(back.map((answer, index) => answer.equals(contents[index] ?? Buffer.of()))).toEqual(contents.map(() => true));
});

test('a program that does not read holds the sender up, through all of the way', async () => {
  const sockets: Socket[] = [];
  using program = await listening((socket) => sockets.push(socket.pause()));
  await using runner = await realRunner();
  await using forwarded = await forward(runner.link, program.port);
  const socket = connect({ port: forwarded.port, host: '127.0.0.1', allowHalfOpen: true });
  const content = randomBytes(64_000_000);
  socket.end(content);
  await expect.poll(() => sockets.length).toBe(1);
  const [there] = sockets;
  let before = -1;
  // Until nothing moves any more, with most of it not sent.
  await expect
    .poll(
      () => {
        const same = socket.writableLength === before;
        before = socket.writableLength;
        return same && before > 20_000_000;
      },
      { interval: 300, timeout: 10_000 },
    )
    .toBe(true);
  const pieces: Buffer[] = [];
  there?.on('data', (piece: Buffer) => pieces.push(piece)).resume();
  if (there !== undefined) await once(there, 'end');
  expect(Buffer.concat(pieces).equals(content)).toBe(true);
  there?.end('done');
  expect((await buffer(socket)).toString()).toBe('done');
});
