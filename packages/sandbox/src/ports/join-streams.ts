import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { PortStream } from './connect-port.ts';

/**
 * Carries both directions until both have ended, each for itself: who has sent everything may still wait for the answer.
 * The slower side sets the pace. Throws where one of them broke. `closed` is aborted when the socket is closed.
 */
export async function joinStreams(socket: Socket, stream: PortStream, closed: AbortSignal): Promise<void> {
  try {
    await Promise.all([up(socket, stream), down(socket, stream, closed)]);
  } finally {
    stream.close();
  }
}

async function up(socket: Socket, stream: PortStream): Promise<void> {
  // Left to itself the iterator would destroy the socket at the end of one direction.
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) await stream.write(bytes as Buffer);
  await stream.end();
}

async function down(socket: Socket, stream: PortStream, closed: AbortSignal): Promise<void> {
  for await (const bytes of stream.readable) {
    // A socket that is closed has no room ever again, and says so by nothing but the signal.
    if (!socket.write(bytes)) await once(socket, 'drain', { signal: closed });
  }
  socket.end();
}
