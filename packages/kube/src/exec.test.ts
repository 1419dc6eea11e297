import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { caught } from '../test/api-server.ts';
import { bytesOf, execServer, exitStatus, failedStatus, success, type Peer } from '../test/exec-server.ts';

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('what a command writes comes apart by its two outputs, and it exits with 0 where the cluster says so', async () => {
  await using api = await execServer({
    onPeer: ({ say, status }) => {
      say(1, 'to ');
      say(2, 'a warning');
      say(1, 'stdout');
      status(success);
    },
  });
  const stream = await api.exec();
  expect((await bytesOf(stream.stdout)).toString()).toBe('to stdout');
  expect(stream.stderrText()).toBe('a warning');
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 0 });
});

test.each([1, 7, 137, 255])('a command that exits with %i is told by the causes of the status', async (code) => {
  await using api = await execServer({ onPeer: ({ status }) => status(exitStatus(code)) });
  const stream = await api.exec();
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: code });
  expect(await bytesOf(stream.stdout)).toHaveLength(0);
});

test('the request names the pod, the container and every word of the command as it is', async () => {
  const urls: (string | undefined)[] = [];
  await using api = await execServer({
    onPeer: ({ request, status }) => {
      urls.push(request.url);
      status(success);
    },
  });
  const command = ['sh', '-c', 'echo "$1" & wait', 'a b', '', 'ü/?=&'];
  await (
    await api.exec({ command, stdin: false })
  ).ended;
  const url = new URL(urls[0] ?? '', api.url);
  expect(url.pathname).toBe('/api/v1/namespaces/home/pods/web/exec');
  expect(url.searchParams.getAll('command')).toEqual(command);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({ container: 'main', stdin: 'false', stdout: 'true' });
});

test('messages in many fragments and messages of 8 MiB keep their channel', async () => {
  const huge = randomBytes(8 * 1024 * 1024);
  await using api = await execServer({
    onPeer: ({ socket, say, status }) => {
      socket.send(Buffer.of(1), { fin: false });
      for (const piece of ['one ', 'message ', '']) socket.send(Buffer.from(piece), { fin: false });
      socket.send(Buffer.from('in five'), { fin: true });
      say(2, huge);
      say(1, huge);
      status(success);
    },
  });
  const stream = await api.exec();
  const stdout = await bytesOf(stream.stdout);
  expect(stdout.subarray(0, 19).toString()).toBe('one message in five');
  expect(hash(stdout.subarray(19))).toBe(hash(huge));
  expect(Buffer.byteLength(stream.stderrText())).toBeGreaterThan(0);
});

test('of stderr the last 4 KiB are kept, beginning with a whole character', async () => {
  await using api = await execServer({
    onPeer: ({ say, status }) => {
      for (let line = 0; line < 1000; line += 1) say(2, 'Öl in der Mühle\n');
      say(2, `${'ü'.repeat(2048)}x`);
      status(success);
    },
  });
  const stream = await api.exec();
  await stream.ended;
  expect(stream.stderrText()).toBe(`${'ü'.repeat(2047)}x`);
});

test.each([
  ['a socket that is cut', ({ raw }: Peer) => raw.destroy()],
  ['a close with code 1000 and no status', ({ socket }: Peer) => socket.close(1000)],
  ['a close with code 1011', ({ socket }: Peer) => socket.close(1011, 'somewhere')],
  ['a status that is cut off', ({ say }: Peer) => say(3, '{"status":"Succ')],
  ['a status that says nothing', ({ status }: Peer) => status({})],
  ['a failure with the code 0', ({ status }: Peer) => status(exitStatus(0))],
  ['a message beyond all limits', ({ say }: Peer) => say(1, Buffer.alloc(17 * 1024 * 1024))],
  ['bytes that are no WebSocket', ({ raw }: Peer) => raw.write(Buffer.alloc(64, 0xff))],
])('%s is a lost stream, never an exit code', async (_what, misbehave) => {
  await using api = await execServer({
    onPeer: (peer) => {
      peer.say(1, 'before');
      peer.socket.once('message', () => misbehave(peer));
    },
  });
  const stream = await api.exec();
  const seen: string[] = [];
  const reading = caught(async () => {
    for await (const bytes of stream.stdout) {
      seen.push(Buffer.from(bytes).toString());
      await stream.write(Buffer.from('go on'));
    }
  });
  expect(await reading).toMatchObject({ code: 'kube.unreachable', retryable: true });
  expect(seen).toEqual(['before']);
  expect(await stream.ended).toMatchObject({ kind: 'lost', error: { code: 'kube.unreachable' } });
  expect(await caught(() => stream.write(Buffer.from('more')))).toMatchObject({ code: 'kube.unreachable' });
  await expect.poll(api.sockets).toBe(0);
});

test('a cluster that says in the stream that the container is not there yet: an error that may be tried again', async () => {
  const message = 'Internal error occurred: unable to upgrade connection: container not found ("main")';
  await using api = await execServer({ onPeer: ({ status }) => status(failedStatus(message)) });
  const stream = await api.exec();
  const error = { code: 'kube.container_not_ready', retryable: true };
  expect(await caught(() => bytesOf(stream.stdout))).toMatchObject(error);
  expect(await stream.ended).toMatchObject({ kind: 'failed', message, error });
});

test('only the first end counts', async () => {
  await using api = await execServer({
    onPeer: ({ status, socket }) => {
      status(exitStatus(7));
      status(success);
      socket.close(1011);
    },
  });
  const stream = await api.exec();
  expect(await stream.ended).toEqual({ kind: 'exited', exitCode: 7 });
  expect(await bytesOf(stream.stdout)).toHaveLength(0);
});

test('closing ends what is being read without an error, and the socket', async () => {
  await using api = await execServer({ onPeer: ({ say }) => say(1, 'forgotten') });
  const stream = await api.exec();
  const read = bytesOf(stream.stdout);
  stream.close();
  stream.close();
  await read;
  expect(await stream.ended).toMatchObject({ kind: 'lost', problem: 'it was closed on this side' });
  await expect.poll(api.sockets).toBe(0);
});

test('the end of input is told once, and nothing can be written after it', async () => {
  const messages: Buffer[] = [];
  await using api = await execServer({
    onPeer: ({ socket }) => socket.on('message', (data: Buffer) => messages.push(data)),
  });
  const stream = await api.exec();
  await stream.write(Buffer.of(1));
  await stream.closeStdin();
  await stream.closeStdin();
  expect(await caught(() => stream.write(Buffer.of(2)))).toBeInstanceOf(TypeError);
  await expect.poll(() => messages).toEqual([Buffer.of(0, 1), Buffer.of(255, 0)]);
  const without = await api.exec({ stdin: false });
  expect(await caught(() => without.write(Buffer.of(1)))).toBeInstanceOf(TypeError);
  without.close();
  stream.close();
});

test('an empty command is refused before anything is sent', async () => {
  await using api = await execServer();
  expect(await caught(() => api.exec({ command: [] }))).toMatchObject({ code: 'kube.invalid' });
  expect(api.sockets()).toBe(0);
});
