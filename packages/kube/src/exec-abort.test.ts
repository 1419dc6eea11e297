import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { caught } from '../test/api-server.ts';
import { execServer, target, type Peer } from '../test/exec-server.ts';
import { openConnection } from './connection.ts';
import { exec } from './exec.ts';
import { accessTo } from '../test/api-server.ts';

const reason = new Error('no longer needed');

test('aborted before: nothing is asked', async () => {
  await using api = await execServer();
  expect(await caught(() => api.exec({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(api.sockets()).toBe(0);
});

test('aborted while the credentials are read', async () => {
  const asked = Promise.withResolvers<void>();
  let calls = 0;
  await using api = await execServer({
    access: {
      identity: () => {
        calls += 1;
        if (calls === 1) return Promise.resolve({});
        asked.resolve();
        return new Promise(() => {});
      },
    },
  });
  const abort = new AbortController();
  const running = caught(() => api.exec({ signal: abort.signal }));
  await asked.promise;
  abort.abort(reason);
  expect(await running).toBe(reason);
});

test('aborted by what reads the credentials, which then never answers: nobody waits for it', async () => {
  const abort = new AbortController();
  let calls = 0;
  await using api = await execServer({
    connection: { mostStreams: 1 },
    access: {
      identity: () => {
        calls += 1;
        if (calls !== 2) return Promise.resolve({});
        abort.abort(reason);
        return new Promise(() => {});
      },
    },
  });
  expect(await caught(() => api.exec({ signal: abort.signal }))).toBe(reason);
  // Its place is free again.
  const stream = await api.exec();
  stream.close();
});

/** Calls `onOpen` once the next socket to `port` is open, after everybody who waited for that. */
function atNextOpen(port: number, onOpen: () => void): void {
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    // Later than this turn, so that the others listen already; before the network has said anything.
    queueMicrotask(() => {
      socket.once('connect', () => {
        if (socket.remotePort !== port) return;
        unsubscribe('net.client.socket', onSocket);
        onOpen();
      });
    });
  };
  subscribe('net.client.socket', onSocket);
}

test.each(['http', 'https'])('aborted between two steps, when the socket of %s has just opened', async (scheme) => {
  await using server = await mute();
  const connection = await openConnection(accessTo(`${scheme}://127.0.0.1:${server.port}`), { mostStreams: 1 });
  const abort = new AbortController();
  atNextOpen(server.port, () => abort.abort(reason));
  expect(await caught(() => exec(connection, { ...target, signal: abort.signal }))).toBe(reason);
  await expect.poll(server.sockets).toBe(0);
  await connection.close();
});

/** Takes sockets and says nothing, not even what TLS begins with. */
async function mute() {
  const open = new Set<object>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sockets: () => open.size,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

test.each([
  ['while the socket waits for TLS', (port: number) => ({ server: `https://127.0.0.1:${port}` })],
  ['while the proxy keeps silent', (port: number) => ({ proxyUrl: `http://127.0.0.1:${port}` })],
  ['while the answer to the handshake is awaited', (port: number) => ({ server: `http://127.0.0.1:${port}` })],
])('aborted %s, or the connection closed', async (_when, access) => {
  await using server = await mute();
  for (const by of ['abort', 'close'] as const) {
    const connection = await openConnection({ ...accessTo('https://10.0.0.1'), ...access(server.port) });
    const abort = new AbortController();
    const running = caught(() => exec(connection, { ...target, signal: abort.signal }));
    await expect.poll(server.sockets).toBe(1);
    if (by === 'abort') abort.abort(reason);
    else await connection.close();
    expect(await running).toMatchObject(by === 'abort' ? reason : { code: 'kube.unreachable' });
    await expect.poll(server.sockets).toBe(0);
    await connection.close();
  }
});

test('aborted while it is read and written: both throw the reason, and the stream is lost', async () => {
  let peer: Peer | undefined;
  await using api = await execServer({ onPeer: (one) => (peer = one) });
  const abort = new AbortController();
  const stream = await api.exec({ signal: abort.signal });
  peer?.raw.pause();
  const reading = caught(async () => {
    for await (const _bytes of stream.stdout);
  });
  const writing = caught(() => stream.write(Buffer.alloc(64 * 1024 * 1024)));
  abort.abort(reason);
  expect(await reading).toBe(reason);
  expect(await writing).toBe(reason);
  expect(await caught(() => stream.closeStdin())).toBe(reason);
  expect(await stream.ended).toMatchObject({ kind: 'lost', problem: expect.stringContaining(reason.message) });
});

test('closing the connection ends every stream, and none is opened afterwards', async () => {
  await using api = await execServer();
  const streams = [await api.exec(), await api.exec()];
  await api.connection.close();
  for (const stream of streams) expect(await stream.ended).toMatchObject({ kind: 'lost' });
  expect(await caught(() => api.exec())).toMatchObject({ code: 'kube.unreachable' });
  await expect.poll(api.sockets).toBe(0);
});

test('a signal that outlives its stream keeps nothing of it', async () => {
  await using api = await execServer({ onPeer: ({ socket }) => socket.close(1000) });
  const abort = new AbortController();
  const stream = await api.exec({ signal: abort.signal });
  const end = await stream.ended;
  abort.abort(reason);
  expect(await stream.ended).toBe(end);
  expect(await caught(() => stream.write(Buffer.of(1)))).toMatchObject({ code: 'kube.unreachable' });
});
