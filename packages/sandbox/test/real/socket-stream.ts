import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ByteStream } from '../../src/host.ts';

/** A stream to a runner's socket. `cutAfter`: the stream breaks after so many bytes of both directions together, in the middle of a frame or not. */
export async function socketStream(path: string, cutAfter = Number.POSITIVE_INFINITY): Promise<ByteStream> {
  const socket = connect({ path });
  // The readers and writers learn it by themselves.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  let left = cutAfter;
  /** So much of the piece gets through. */
  const through = (bytes: Uint8Array) => {
    const passing = bytes.subarray(0, left);
    left -= passing.length;
    if (passing.length < bytes.length) socket.destroy(new Error('cut'));
    return passing;
  };
  return {
    readable: reading(socket, through),
    write: async (bytes) => {
      if (socket.destroyed) throw new Error('the stream is closed');
      const passing = through(bytes);
      if (passing.length < bytes.length) throw new Error('cut');
      if (!socket.write(passing)) await drained(socket);
    },
    close: () => socket.destroy(),
  };
}

async function* reading(
  socket: Socket,
  through: (bytes: Uint8Array) => Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of socket) yield through(bytes as Buffer);
}

async function drained(socket: Socket): Promise<void> {
  const closed = new AbortController();
  const onClose = () => closed.abort(new Error('the stream is closed'));
  socket.once('close', onClose);
  try {
    await once(socket, 'drain', { signal: closed.signal });
  } finally {
    socket.off('close', onClose);
  }
}
