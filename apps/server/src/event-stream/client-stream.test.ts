import { getEventListeners, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test as base, vi } from 'vitest';
import { clientStream, type ClientStream } from './client-stream.ts';

interface Fixture {
  /** An answer to a client that reads nothing until it is told to. */
  answering: { readonly response: ServerResponse; readonly stream: ClientStream; readonly client: Socket };
}

const test = base.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads a fixture's needs off this pattern
  answering: async ({}, use) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.pause();
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    await use({ response, stream: clientStream(response), client });
    client.destroy();
    server.closeAllConnections();
    server.close();
  },
});

const chunk = 'x'.repeat(1024 * 1024);
/** Far more than what systems keep for a connection. */
const chunks = 200;

function writeAll(stream: ClientStream) {
  const progress = { written: 0 };
  const done = (async () => {
    for (; progress.written < chunks; progress.written += 1) await stream.write(chunk);
  })();
  return { progress, done };
}

test('whoever writes waits for a client that does not read, and goes on when it does', async ({ answering }) => {
  const { stream, client } = answering;
  const { progress, done } = writeAll(stream);
  await vi.waitFor(() => expect(stream.isBehind()).toBe(true));
  expect(progress.written).toBeLessThan(chunks);
  let read = 0;
  client.on('data', (data) => (read += data.length));
  client.resume();
  await done;
  stream.end();
  await vi.waitFor(() => expect(read).toBeGreaterThan(chunks * chunk.length), { timeout: 10_000 });
});

test('a client that goes lets go of whoever waits for it, and nothing more is written', async ({ answering }) => {
  const { stream, client } = answering;
  const { progress, done } = writeAll(stream);
  await vi.waitFor(() => expect(stream.isBehind()).toBe(true));
  client.destroy();
  await done;
  expect(progress.written).toBe(chunks);
  expect(stream.gone.aborted).toBe(true);
});

test('what is broken off reaches the client with its last text, and is not whole', async ({ answering }) => {
  const { stream, client } = answering;
  let text = '';
  client.on('data', (data) => (text += data.toString()));
  client.resume();
  await stream.write('first\n');
  stream.breakOff('then it broke\n');
  await once(client, 'close');
  expect(text).toContain('then it broke');
  // The last chunk of a whole answer is an empty one.
  expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
});

test('nobody waits for a client that had gone before anything was written', async ({ answering }) => {
  const { response, client } = answering;
  client.destroy();
  await once(response, 'close');
  const stream = clientStream(response);
  expect(stream.gone.aborted).toBe(true);
  await stream.write(chunk);
  await stream.write(chunk, new AbortController().signal);
  stream.breakOff('then it broke\n');
  stream.end();
});

test('whoever waits for a client that does not read is let go by the signal, and can still say a last word', async ({
  answering,
}) => {
  const { stream, client } = answering;
  const stop = new AbortController();
  const writing = stream.write(chunk.repeat(64), stop.signal);
  expect(stream.isBehind()).toBe(true);
  stop.abort();
  await writing;
  await stream.write('the last word', stop.signal);
  let text = '';
  client.on('data', (data) => (text = (text + data.toString()).slice(-100)));
  stream.end();
  client.resume();
  await vi.waitFor(() => expect(text).toContain('the last word'), { timeout: 10_000 });
});

test('what waited for a client leaves nothing at the signals, however often it waits', async ({ answering }) => {
  const { stream, client } = answering;
  const stop = new AbortController();
  client.resume();
  for (let written = 0; written < 20; written += 1) await stream.write(chunk, stop.signal);
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  expect(getEventListeners(stream.gone, 'abort')).toEqual([]);
});
