import type { ByteStream } from '@ephemera/sandbox';
import { messageOf } from '@ephemera/model';
import type { WebSocket } from 'ws';

/** Close codes of the tunnel: https://www.rfc-editor.org/rfc/rfc6455#section-7.4 */
export const closeCodes = { done: 1000, restart: 1012, broken: 4000, tokenOver: 4001 } as const;

/** Beyond this the other side is waited for. */
const mostBuffered = 1024 * 1024;

export interface TunnelOptions {
  readonly socket: WebSocket;
  readonly stream: ByteStream;
  /** Aborted when the server stops. */
  readonly stop: AbortSignal;
  /** Aborted with an error when the token is no longer good. */
  readonly over: AbortSignal;
  /** Default 15 000. A client that leaves two in a row unanswered is gone. */
  readonly pingEveryMs?: number;
}

/** Carries bytes both ways, no faster than the slower side takes them, until one side ends. Settles when both are closed; never throws. */
export async function tunnel({ socket, stream, stop, over, pingEveryMs = 15_000 }: TunnelOptions): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const end = (code: number, reason: string): void => {
    stream.close();
    // A reason has 123 bytes at most.
    socket.close(code, Buffer.from(reason).subarray(0, 120).toString('utf8').replaceAll('\uFFFD', ''));
    // A client that does not answer the close holds nothing.
    setTimeout(() => socket.terminate(), 2_000).unref();
  };
  const onStop = (): void => end(closeCodes.restart, 'the server is being stopped');
  const onOver = (): void => end(closeCodes.tokenOver, messageOf(over.reason));
  stop.addEventListener('abort', onStop);
  over.addEventListener('abort', onOver);
  socket.on('error', () => {});

  let unanswered = 0;
  socket.on('pong', () => (unanswered = 0));
  const pings = setInterval(() => {
    // Nothing of it is read, its answers to pings neither: that the sandbox is slow is not its fault.
    if (socket.isPaused) return;
    unanswered += 1;
    if (unanswered > 2) socket.terminate();
    else socket.ping();
  }, pingEveryMs);

  const inward = fromClient(socket, stream).catch((error: unknown) => end(closeCodes.broken, messageOf(error)));
  const outward = toClient(socket, stream).then(
    () => end(closeCodes.done, ''),
    (error: unknown) => end(closeCodes.broken, messageOf(error)),
  );
  if (stop.aborted) onStop();
  if (over.aborted) onOver();
  try {
    await closed;
  } finally {
    clearInterval(pings);
    stop.removeEventListener('abort', onStop);
    over.removeEventListener('abort', onOver);
    stream.close();
    await Promise.all([inward, outward]);
  }
}

/** Rejects where the sandbox's side breaks; settles when the client has closed. */
function fromClient(socket: WebSocket, stream: ByteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let queued = 0;
    let last = Promise.resolve();
    socket.on('message', (data: Buffer) => {
      queued += data.length;
      if (queued > mostBuffered) socket.pause();
      last = last
        .then(() => stream.write(data))
        .then(() => {
          queued -= data.length;
          if (queued <= mostBuffered && socket.isPaused) socket.resume();
        });
      last.catch(reject);
    });
    socket.once('close', () => resolve());
  });
}

async function toClient(socket: WebSocket, stream: ByteStream): Promise<void> {
  for await (const bytes of stream.readable) {
    if (socket.readyState !== socket.OPEN) return;
    const sent = new Promise<void>((resolve) => socket.send(bytes, () => resolve()));
    if (socket.bufferedAmount > mostBuffered) await sent;
  }
}
