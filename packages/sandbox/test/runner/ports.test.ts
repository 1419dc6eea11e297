import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { lacksCompilers } from './builds.ts';
import type { RunnerClient } from './client.ts';
import { BUILD_MS, RunnerProcess } from './runner-process.ts';

describe.skipIf(lacksCompilers).each(['checking', 'users'] as const)('ports of the %s build', (build) => {
  let runner: RunnerProcess;
  let client: RunnerClient;
  const servers: Server[] = [];
  beforeAll(async () => {
    runner = await RunnerProcess.start({ build });
    client = await runner.client();
  }, BUILD_MS);
  afterAll(() => runner[Symbol.asyncDispose]());
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  const serve = async (onSocket: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> => {
    const server = createServer({ allowHalfOpen: true }, (socket) => onSocket(socket.on('error', () => undefined)));
    servers.push(server.listen(0, host));
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  test.each(['127.0.0.1', '::1'])('data goes both ways to %s, and each end on its own', async (host) => {
    const port = await serve((socket) => void socket.pipe(socket), host);
    const data = randomBytes(2_000_000);
    const channel = client.open({ kind: 'connect', port, window: 100_000 });
    expect(await channel.next()).toEqual({ kind: 'connected' });
    let credit = 0;
    let sent = 0;
    const back: Uint8Array[] = [];
    for (let answer = await channel.next(); answer.kind !== 'end'; answer = await channel.next()) {
      if (answer.kind === 'credit') credit += answer.bytes;
      if (answer.kind === 'portData') {
        back.push(answer.data);
        channel.send({ kind: 'credit', bytes: answer.data.byteLength });
      }
      while (credit > 0 && sent < data.length) {
        const piece = data.subarray(sent, sent + Math.min(credit, 50_000));
        channel.send({ kind: 'portData', data: piece });
        sent += piece.length;
        credit -= piece.length;
        if (sent === data.length) channel.send({ kind: 'portEnd' });
      }
      expect(answer.kind).not.toBe('error');
    }
    expect(Buffer.concat(back).equals(data)).toBe(true);
  });

  test('a port where nobody listens is refused', async () => {
    const port = await serve(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    expect(await client.open({ kind: 'connect', port, window: 1 }).next()).toMatchObject({
      kind: 'error',
      code: 13,
      errno: 111,
    });
    expect(await client.open({ kind: 'connect', port: 0, window: 1 }).next()).toMatchObject({ kind: 'error', code: 1 });
  });

  test('without credit nothing is sent, and a program that does not read holds up nobody else', async () => {
    const port = await serve((socket) => {
      socket.write(Buffer.alloc(50_000));
      socket.pause();
    });
    const channel = client.open({ kind: 'connect', port, window: 10 });
    await channel.next();
    const first = await channel.next();
    expect(first).toMatchObject({ kind: 'credit' });
    expect(await channel.next()).toEqual({ kind: 'portData', data: new Uint8Array(10) });
    const allowed = first.kind === 'credit' ? first.bytes : 0;
    channel.send({ kind: 'portData', data: new Uint8Array(allowed) });
    expect(String((await client.run(`meanwhile-${port}`, ['echo', 'on'])).stdout)).toBe('on\n');
    channel.send({ kind: 'cancel' });
    expect((await channel.rest()).at(-1)).toEqual({ kind: 'end' });
  });

  test('more data than was allowed ends the connection', async () => {
    const port = await serve((socket) => void socket.pause());
    const channel = client.open({ kind: 'connect', port, window: 10 });
    await channel.next();
    await channel.next();
    channel.send({ kind: 'portData', data: new Uint8Array(300_000) });
    expect((await channel.rest()).at(-1)).toMatchObject({ kind: 'error', code: 1 });
  });

  test('a connection that the program resets is an error, and one whose client leaves is closed', async () => {
    const port = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const channel = client.open({ kind: 'connect', port, window: 10 });
    channel.send({ kind: 'credit', bytes: 1 });
    await channel.next();
    await channel.next();
    channel.send({ kind: 'portData', data: Buffer.from('x') });
    expect((await channel.rest()).at(-1)).toMatchObject({ kind: 'error', code: 15 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const other = await serve((socket) => void socket.on('end', resolve).resume());
    const leaving = await runner.client();
    await leaving.open({ kind: 'connect', port: other, window: 10 }).next();
    await leaving.close();
    await promise;
  });
});
