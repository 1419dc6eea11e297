import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { endSlowBodies, slowBody } from './slow-bodies.ts';

/** A server that gives bodies 50 ms, unless their route takes slow ones. */
async function slowServer() {
  const app = Fastify();
  endSlowBodies(app, 50);
  app.post('/quick', async ({ body }) => ({ body }));
  app.post('/slow', { config: slowBody }, async ({ body }) => ({ body }));
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/refused')) return reply.code(401).send({ error: 'no' });
  });
  app.post('/refused', async () => ({}));
  app.post('/refused/slow', { config: slowBody }, async () => ({}));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app;
}

/** Sends the head of a request, and what `rest` says once the first answer, or the end, could have come. */
async function send(port: number, path: string) {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
  await once(socket, 'connect');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntr`);
  return { socket, received: () => received, closed: once(socket, 'close') };
}

test('a body that does not become whole in time ends with 408, and its connection with it', async () => {
  await using app = await slowServer();
  const { port } = app.server.address() as AddressInfo;
  const { received, closed } = await send(port, '/quick');
  await closed;
  expect(received()).toContain('HTTP/1.1 408');
  expect(received()).toContain('request.too_slow');
});

test.each(['/refused', '/refused/slow'])(
  'a request that was refused already does not hold its connection by an endless body: %s',
  async (path) => {
    await using app = await slowServer();
    const { port } = app.server.address() as AddressInfo;
    const { received, closed } = await send(port, path);
    await closed;
    expect(received()).toContain('HTTP/1.1 401');
  },
);

test('a route for slow bodies waits', async () => {
  await using app = await slowServer();
  const { port } = app.server.address() as AddressInfo;
  const slow = await send(port, '/slow');
  // As long as it takes until another one has been given up.
  await (
    await send(port, '/quick')
  ).closed;
  slow.socket.write('ue');
  await expect.poll(slow.received).toContain('{"body":true}');
  slow.socket.destroy();
});
