import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { EphemeraError, messageOf } from '@ephemera/model';
import { LocalPortUnusable, SandboxEvicted } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { checkPort } from './check-port.ts';
import { connectPort } from './connect-port.ts';
import { joinStreams } from './join-streams.ts';

export interface ForwardOptions {
  /** Default: a free one. */
  readonly localPort?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** A port of this machine, at 127.0.0.1, that leads to one in the sandbox. */
export interface Forward extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Resolves when it is over: with the error where the sandbox is gone, with nothing after `close`. */
  readonly closed: Promise<Error | undefined>;
  /** Ends it and its connections. May be called twice. */
  close(): Promise<void>;
}

/** How soon it is known that the sandbox is gone while nobody connects. */
const askEveryMs = 5_000;

/**
 * Listens at 127.0.0.1 and hands every connection to the port in the sandbox, whether somebody listens there already or not: a connection
 * that is refused there is reset here. Ends by itself when the sandbox is gone.
 */
export async function forward(link: Link, port: number, options: ForwardOptions = {}): Promise<Forward> {
  checkPort(port);
  options.signal?.throwIfAborted();
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  await listen(server, options.localPort ?? 0);
  return new LocalForward(link, port, { server, signal: options.signal });
}

class LocalForward implements Forward {
  readonly port: number;
  readonly url: string;
  readonly closed: Promise<Error | undefined>;
  readonly #server: Server;
  readonly #over = new AbortController();
  readonly #connections = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  #why: Error | undefined;

  constructor(
    link: Link,
    port: number,
    { server, signal }: { readonly server: Server; readonly signal: AbortSignal | undefined },
  ) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.url = `http://127.0.0.1:${this.port}`;
    // Not `once` of node:events: it rejects at an error, and then nobody listens to the next one, which would end the process.
    this.closed = new Promise<void>((resolve) => server.once('close', resolve)).then(async () => {
      await Promise.all(this.#connections);
      return this.#why;
    });
    server.on('error', (error) => this.#end(error));
    server.on('connection', (socket) => this.#carry(socket, link, port));
    this.#timer = setInterval(() => void this.#look(link), askEveryMs).unref();
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  async close(): Promise<void> {
    this.#end();
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(why?: Error): void {
    if (this.#over.signal.aborted) return;
    this.#why = why;
    clearInterval(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#over.abort();
    this.#server.close();
  }

  #carry(socket: Socket, link: Link, port: number): void {
    const carried = this.#join(socket, link, port).finally(() => this.#connections.delete(carried));
    this.#connections.add(carried);
  }

  /** Never rejects. */
  async #join(socket: Socket, link: Link, port: number): Promise<void> {
    const gone = new AbortController();
    const signal = AbortSignal.any([this.#over.signal, gone.signal]);
    // Also what reads and writes it is told of its errors; without a listener one of them would end the process.
    socket.on('error', () => undefined);
    socket.once('close', () => gone.abort());
    const reset = () => socket.resetAndDestroy();
    signal.addEventListener('abort', reset, { once: true });
    try {
      const stream = await connectPort(link, port, { signal });
      await joinStreams(socket, stream, signal);
    } catch (error) {
      socket.resetAndDestroy();
      if (!signal.aborted) this.#endIfGone(error);
    } finally {
      signal.removeEventListener('abort', reset);
    }
  }

  async #look(link: Link): Promise<void> {
    try {
      await link.ask({ kind: 'ping', token: new Uint8Array(8) }, { repeat: true, signal: this.#over.signal });
    } catch (error) {
      this.#endIfGone(error);
    }
  }

  /** What may come again later, and what happens to one socket, is no reason to stop listening. */
  #endIfGone(error: unknown): void {
    if (error instanceof EphemeraError && (!error.retryable || error instanceof SandboxEvicted)) this.#end(error);
  }
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const problem = code === 'EADDRINUSE' ? 'something else listens there' : messageOf(error);
    throw new LocalPortUnusable({ port, problem }, { cause: error });
  }
}
