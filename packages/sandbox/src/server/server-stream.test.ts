import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

test('an open stream that was let go of does not keep the process alive, and one that was not does', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  // Where the process is still there after it has read all of its program, it is told to go by the end of its stream.
  server.on('connection', (socket) => socket.once('message', () => socket.close(1000)));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const inProcess = async (program: string): Promise<string> => {
    const script = `
      import { openServerStream } from '${join(import.meta.dirname, 'server-stream.ts')}';
      const { signal } = new AbortController();
      const stream = await openServerStream({ url: '${url}', shownUrl: '${url}', token: 'secret', signal });
      ${program}`;
    const args = ['--input-type=module-typescript', '--eval', script];
    return (await promisify(execFile)(process.execPath, args, { timeout: 15_000 })).stdout.trim();
  };
  const read = `(async () => { for await (const bytes of stream.readable); console.log('read'); })();`;
  try {
    expect(await inProcess(`stream.unref(); ${read}`)).toBe('');
    expect(await inProcess(`await stream.write(Buffer.of(1)); ${read}`)).toBe('read');
  } finally {
    server.close();
    await once(server, 'close');
  }
}, 35_000);
