import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sandbox, sandboxErrors, serverErrors, serverHost, type ByteStream, type SandboxHost } from '@ephemera/sandbox';
import type { FakeProgram } from '@ephemera/sandbox/testing';
import { expect, test as base, vi } from 'vitest';
import { startSandboxApp, type SandboxApp, type SandboxCaller } from '../../../test/sandbox-app.ts';
import { revokeToken } from '../../tokens/tokens.ts';

const soon = { timeout: 10_000 };
const megabyte = new Uint8Array(1024 * 1024).fill(7);

const programs: Readonly<Record<string, FakeProgram>> = {
  greet: async ({ stdout, env }) => stdout.write(env['GREETING'] ?? 'nobody'),
  cat: async ({ stdin, stdout }) => {
    for await (const piece of stdin) await stdout.write(piece);
  },
  flood: async ({ stdout }) => {
    for (let sent = 0; sent < 24; sent += 1) await stdout.write(megabyte);
  },
  wait: async ({ stdout, forEver }) => {
    await stdout.write('waiting\n');
    return forEver();
  },
};

interface Fixture {
  app: SandboxApp;
  ci: SandboxCaller;
  on: SandboxHost;
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  app: async ({}, use) => {
    await using app = await startSandboxApp({ programs, tokenLookMs: 50 });
    await use(app);
  },
  ci: async ({ app }, use) => use(await app.as()),
  on: async ({ app, ci }, use) => use(serverHost({ url: app.url, token: ci.token })),
});

test('by way of the server a sandbox does all that it does directly', async ({ app, ci, on }) => {
  const sandbox = await Sandbox.create({ on, name: 'fix', env: { GREETING: 'hello' }, metadata: { run: '7' } });
  expect(await sandbox.info()).toMatchObject({ name: 'fix', state: 'running', metadata: { run: '7' } });
  expect(await sandbox.commands.run(['greet'])).toMatchObject({ exitCode: 0, stdout: 'hello' });
  expect(await sandbox.commands.run(['cat'], { stdin: 'in' })).toMatchObject({ stdout: 'in' });
  await sandbox.files.write('a/b.txt', 'content');
  expect(await sandbox.files.readText('a/b.txt')).toBe('content');
  expect((await Sandbox.list({ on })).map(({ id }) => id)).toEqual([sandbox.id]);
  const before = (await sandbox.info()).expiresAt;
  expect(Date.parse((await sandbox.extend(3_600_000)).expiresAt)).toBeGreaterThan(Date.parse(before));
  const again = await Sandbox.connect(sandbox.id, { on });
  expect(await again.commands.run(['greet'])).toMatchObject({ stdout: 'hello' });
  await again.disconnect();
  const same = await Sandbox.getOrCreate('fix', { on });
  expect(same.id).toBe(sandbox.id);
  await same.disconnect();
  await sandbox.kill();
  await sandbox.kill();
  expect(await app.host.list()).toEqual([]);
  expect((await ci.ask('GET')).body).toEqual([]);
});

test('what is more than fits on the way waits, and arrives whole', async ({ on }) => {
  await using sandbox = await Sandbox.create({ on });
  let bytes = 0;
  const { output } = await sandbox.commands.run(['flood'], {
    maxOutputBytes: 0,
    onStdout: async (piece) => {
      bytes += piece.length;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  expect([bytes, output.stdout.total]).toEqual([24 * megabyte.length, 24 * megabyte.length]);
  const large = new Uint8Array(20 * megabyte.length).fill(9);
  await sandbox.files.write('large', large);
  expect(Buffer.from(await sandbox.files.read('large')).equals(large)).toBe(true);
});

test('a file that is uploaded by way of the server comes down again byte by byte', async ({ on }) => {
  await using sandbox = await Sandbox.create({ on });
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ephemera-upload-'));
  const [up, down] = [join(folder.path, 'up'), join(folder.path, 'down')];
  const content = randomBytes(10_000_001);
  await writeFile(up, content);
  await sandbox.files.upload(up, 'large');
  await sandbox.files.download('large', down);
  expect((await readFile(down)).equals(content)).toBe(true);
});

test('a stream that breaks between server and sandbox is mended', async ({ app, on }) => {
  await using sandbox = await Sandbox.create({ on });
  const command = await sandbox.commands.start(['cat'], { stdin: true });
  const reading = command.wait();
  for (const piece of ['one', 'two', 'three']) {
    await command.write(piece);
    app.host.faults(sandbox.id).cutStreams();
  }
  await command.closeStdin();
  expect(await reading).toMatchObject({ exitCode: 0, stdout: 'onetwothree' });
});

test('errors are the same ones as without a server', async ({ app, on }) => {
  await expect(Sandbox.connect('sandbox-0123456789', { on })).rejects.toBeInstanceOf(sandboxErrors.SandboxNotFound);
  await expect(Sandbox.create({ on, timeoutMs: 10 })).rejects.toBeInstanceOf(sandboxErrors.SandboxInvalid);
  await expect(Sandbox.create({ on, serviceAccountName: 'admin' })).rejects.toMatchObject({ code: 'sandbox.invalid' });
  await expect(Sandbox.create({ on, user: 0 })).rejects.toMatchObject({ code: 'sandbox.not_allowed' });
  await Sandbox.create({ on, name: 'fix' });
  const taken = Sandbox.create({ on, name: 'fix' });
  await expect(taken).rejects.toBeInstanceOf(sandboxErrors.NameTaken);
  const sandbox = await Sandbox.create({ on });
  const running = sandbox.commands.run(['wait']);
  const failed = running.catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await sandbox.commands.list()).toHaveLength(1), soon);
  app.host.faults(sandbox.id).evict();
  expect(await failed).toBeInstanceOf(sandboxErrors.SandboxEvicted);
});

test('a token that is not known, or that lacks the scope, opens nothing', async ({ app, ci, on }) => {
  const { id } = await ci.create();
  const strange = serverHost({ url: app.url, token: `eph_${'x'.repeat(43)}` });
  await expect(Sandbox.connect(id, { on: strange })).rejects.toMatchObject({ code: 'token.unknown' });
  const reader = await app.as({ scopes: ['sandboxes:read'] });
  await expect(Sandbox.list({ on: serverHost({ url: app.url, token: reader.token }) })).resolves.toEqual([]);
  const place = await on.find(id);
  await revokeToken(app.server.database.db, ci.name);
  await expect(place.open(AbortSignal.timeout(10_000))).rejects.toMatchObject({ code: 'token.revoked' });
});

test('a token that is revoked ends the streams that it has opened', async ({ app, ci, on }) => {
  const sandbox = await Sandbox.create({ on });
  const running = sandbox.commands.run(['wait']);
  const failed = running.catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await sandbox.commands.list()).toHaveLength(1), soon);
  await revokeToken(app.server.database.db, ci.name);
  expect(await failed).toMatchObject({ code: 'token.revoked' });
});

/** Reads to the end. */
async function problemOf({ readable }: ByteStream): Promise<unknown> {
  try {
    for await (const _bytes of readable);
    return undefined;
  } catch (error) {
    return error;
  }
}

test('a server that stops ends its streams at once, and says that it does', async () => {
  const stopping = new AbortController();
  await using app = await startSandboxApp({ programs, change: { stopping: stopping.signal } });
  const { token } = await app.as();
  const on = serverHost({ url: app.url, token });
  const { id } = await on.create({});
  const place = await on.find(id);
  const stream = await place.open(AbortSignal.timeout(10_000));
  const ended = problemOf(stream);
  stopping.abort();
  expect(await ended).toMatchObject({
    code: 'sandbox.server_unreachable',
    message: expect.stringContaining('the server is being stopped'),
  });
});

test('a server that is closed waits for no stream', async () => {
  const app = await startSandboxApp({ programs });
  const { token } = await app.as();
  const on = serverHost({ url: app.url, token });
  const { id } = await on.create({});
  const stream = await (await on.find(id)).open(AbortSignal.timeout(10_000));
  const ended = problemOf(stream);
  await app[Symbol.asyncDispose]();
  expect(await ended).toBeInstanceOf(serverErrors.ServerUnreachable);
});

/** What a server answers to a request that is written byte for byte. */
async function raw(app: SandboxApp, request: string): Promise<string> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(request.replaceAll('\n', '\r\n'));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

const webSocket =
  'Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==';

test('without WebSocket the address says what it is for', async ({ ci }) => {
  const { id } = await ci.create();
  const answer = await ci.ask('GET', `/${id}/stream`);
  expect(answer).toMatchObject({ status: 426, body: { code: 'sandbox.upgrade_required' } });
});

test('who has no token is refused before anything is upgraded', async ({ app, ci }) => {
  const { id } = await ci.create();
  const answer = await raw(app, `GET /api/v1/sandboxes/${id}/stream HTTP/1.1\nHost: localhost\n${webSocket}\n\n`);
  expect(answer).toContain('HTTP/1.1 401');
  expect(answer).toContain('token.missing');
});

test('an environment’s host reaches no stream', async ({ app, ci }) => {
  const { id } = await ci.create();
  const headers = `Host: pr-1-0123456789.preview.example\nAuthorization: Bearer ${ci.token}\n${webSocket}`;
  const answer = await raw(app, `GET /api/v1/sandboxes/${id}/stream HTTP/1.1\n${headers}\n\n`);
  expect(answer).toContain('HTTP/1.1 404');
});

test('a handshake that is refused holds no connection, also where the client leaves its half open', async ({
  app,
  ci,
}) => {
  const { id } = await ci.create();
  const { hostname, port } = new URL(app.url);
  const handshakes = [
    `Host: localhost\n${webSocket}`,
    `Host: localhost\nAuthorization: Bearer ${ci.token}\nConnection: Upgrade\nUpgrade: websocket`,
  ];
  const connections = () =>
    new Promise<number>((resolve) => void app.server.app.server.getConnections((_, count) => resolve(count)));
  const before = await connections();
  for (const headers of handshakes) {
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    await once(socket, 'connect');
    socket.write(`GET /api/v1/sandboxes/${id}/stream HTTP/1.1\n${headers}\n\n`.replaceAll('\n', '\r\n'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 4');
    await vi.waitFor(async () => expect(await connections()).toBe(before), soon);
    socket.destroy();
  }
});

test('a request that offers another upgrade is answered as if it did not', async ({ app, ci }) => {
  const body = '{"image":"busybox:1"}';
  const headers = `Host: localhost\nAuthorization: Bearer ${ci.token}\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AA\nContent-Type: application/json\nContent-Length: ${body.length}`;
  const answer = await raw(app, `POST /api/v1/sandboxes HTTP/1.1\n${headers}\n\n${body}`);
  expect(answer).toContain('HTTP/1.1 201');
});
