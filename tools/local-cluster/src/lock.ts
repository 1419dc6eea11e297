import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A lock that the kernel releases whatever happens to its holder: listening on an abstract unix socket. There is no file
 * that could be left behind by a `kill -9`, nothing to compare with a pid, and those who wait are woken by the closed
 * connection.
 */
export interface Lock {
  release(): Promise<void>;
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when somebody else holds the lock. */
  readonly waiting?: (holder: string) => void;
}

export async function lock(subject: string, options: LockOptions = {}): Promise<Lock> {
  const path = `\0ephemera-${createHash('sha256').update(subject).digest('hex').slice(0, 32)}`;
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const server = await listen(path);
    if (server !== undefined) return { release: () => close(server) };
    await holderGone(path, options.signal, (holder) => {
      if (!told) options.waiting?.(holder);
      told = true;
    });
  }
}

async function listen(path: string): Promise<Server | undefined> {
  const waiters = new Set<Socket>();
  const server = createServer((socket) => {
    waiters.add(socket);
    socket.on('error', () => {}).on('close', () => waiters.delete(socket));
    socket.write(`pid ${process.pid}\n`);
  });
  const release = server.close.bind(server);
  server.close = (done) => {
    const closing = release(done);
    for (const socket of waiters) socket.destroy();
    return closing;
  };
  server.listen({ path });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((done) => server.close(() => done()));
}

/** Resolves when the holder closed the connection, by releasing the lock or by dying. */
async function holderGone(
  path: string,
  signal: AbortSignal | undefined,
  held: (holder: string) => void,
): Promise<void> {
  const socket = connect({ path });
  const abort = (): void => void socket.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  await new Promise<void>((done) => {
    socket.on('data', (text) => held(String(text).trim()));
    // Refused: it was released between our two attempts.
    socket.on('error', () => {}).on('close', () => done());
  });
  signal?.removeEventListener('abort', abort);
}
