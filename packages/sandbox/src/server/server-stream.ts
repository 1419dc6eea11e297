import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '@ephemera/model';
import { WebSocket } from 'ws';
import type { ByteStream } from '../host.ts';
import { jsonOf } from './server-calls.ts';
import { refusalOf } from './refusal.ts';
import { ServerStrange, ServerUnreachable } from './server-errors.ts';

export interface StreamOptions {
  readonly url: string;
  /** For messages. */
  readonly shownUrl: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

const protocol = 'ephemera.sandbox.v1';
/** The server asks the cluster for a stream before it answers. */
const handshakeMs = 30_000;
/** Above this the other side waits. */
const mostBuffered = 1024 * 1024;
const mostMessageBytes = 8 * 1024 * 1024;
const messageBytes = 256 * 1024;
const mostRefusalBytes = 64 * 1024;
const ended = 1000;

/** The bytes of a sandbox's runner by way of a server. Throws what the server refuses, and `sandbox.server_unreachable`. */
export async function openServerStream({ url, shownUrl, token, signal }: StreamOptions): Promise<ByteStream> {
  signal.throwIfAborted();
  const socket = new WebSocket(url, protocol, {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: handshakeMs,
    perMessageDeflate: false,
    maxPayload: mostMessageBytes,
    followRedirects: false,
  });
  // `ws` keeps the socket below to itself.
  let raw: Socket | undefined;
  socket.once('upgrade', (response) => (raw = response.socket));
  const onAbort = (): void => socket.terminate();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await opened(socket, shownUrl);
  } catch (error) {
    socket.terminate();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  return { ...bytesOver(socket, shownUrl), unref: () => void raw?.unref() };
}

async function opened(socket: WebSocket, url: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.on('error', (error) => reject(new ServerUnreachable({ url, problem: messageOf(error) }, { cause: error })));
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      refusalIn(response, url).then(reject, reject);
    });
  });
}

async function refusalIn(response: IncomingMessage, url: string): Promise<Error> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostRefusalBytes) break;
    chunks.push(chunk);
  }
  const refusal = refusalOf(jsonOf(Buffer.concat(chunks).toString('utf8')));
  return refusal ?? new ServerStrange({ url, problem: `it answered ${response.statusCode} instead of a stream` });
}

function bytesOver(socket: WebSocket, url: string): ByteStream {
  const arrived: Buffer[] = [];
  let waiting = 0;
  let over: Error | 'ended' | undefined;
  let wake = (): void => {};
  const finish = (how: Error | 'ended'): void => {
    over ??= how;
    wake();
  };
  socket.on('message', (data: Buffer) => {
    arrived.push(data);
    waiting += data.length;
    if (waiting > mostBuffered) socket.pause();
    wake();
  });
  socket.on('close', (code: number, reason: Buffer) => {
    const problem = `the stream ended (${code}${reason.length === 0 ? '' : `: ${reason.toString('utf8')}`})`;
    finish(code === ended ? 'ended' : new ServerUnreachable({ url, problem }));
  });

  async function* readable(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const bytes = arrived.shift();
      if (bytes) {
        waiting -= bytes.length;
        if (waiting <= mostBuffered && socket.isPaused) socket.resume();
        yield bytes;
      } else if (over === 'ended') return;
      else if (over) throw over;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  /** Resolves when the socket has no further use for the bytes. */
  function send(bytes: Uint8Array): Promise<void> {
    if (over || socket.readyState !== WebSocket.OPEN) throw over instanceof Error ? over : broken(url);
    return new Promise<void>((resolve, reject) =>
      socket.send(bytes, (error) => (error ? reject(broken(url, error)) : resolve())),
    );
  }

  return {
    readable: readable(),
    write: async (bytes) => {
      const parts: Promise<void>[] = [];
      for (let at = 0; at < bytes.length; at += messageBytes) parts.push(send(bytes.subarray(at, at + messageBytes)));
      await Promise.all(parts);
    },
    close: () => {
      finish('ended');
      socket.terminate();
    },
  };
}

function broken(url: string, cause?: Error): Error {
  return new ServerUnreachable({ url, problem: 'the stream is closed' }, { cause });
}
