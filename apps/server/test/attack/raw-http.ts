import { connect } from 'node:net';

/** A connection of an attacker's, who writes what they like and notes what comes back. Loopback only. */
export interface RawExchange {
  /** The status of the answer; undefined when the server hung up without one. */
  readonly status: number | undefined;
  /** From the connection to its end. */
  readonly ms: number;
  readonly sentBytes: number;
}

export interface RawOptions {
  /** Written at once. */
  readonly head: string;
  /** Written afterwards, piece by piece, until it ends or the server hangs up. */
  readonly body?: AsyncIterable<Uint8Array | string>;
  /** The attacker gives up then. */
  readonly giveUpMs: number;
}

/** Resolves at the end of the connection, whoever ended it. */
export function raw(url: string, { head, body, giveUpMs }: RawOptions): Promise<RawExchange> {
  const { hostname, port } = new URL(url);
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let answer = '';
    let ended = false;
    socket.setTimeout(giveUpMs, () => socket.destroy());
    const patience = setTimeout(() => socket.destroy(), giveUpMs);
    socket.on('data', (chunk) => (answer += chunk.toString('latin1').slice(0, 1_000)));
    // The server may hang up in the middle of what we write.
    socket.on('error', () => {});
    socket.once('close', () => {
      ended = true;
      clearTimeout(patience);
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
      resolve({
        status: status === undefined ? undefined : Number(status),
        ms: performance.now() - startedAt,
        sentBytes: socket.bytesWritten,
      });
    });
    const send = async (): Promise<void> => {
      if (head !== '') socket.write(head);
      for await (const piece of body ?? []) {
        if (ended) return;
        if (!socket.write(piece)) await drained(socket);
      }
    };
    socket.once('connect', () => void send());
  });
}

function drained(socket: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', resolve);
  });
}

/** The beginning of a delivery, up to its body. */
export function deliveryHead(headers: Readonly<Record<string, string>>): string {
  const usual = { host: 'localhost', 'content-type': 'application/json', 'x-github-event': 'pull_request' };
  const lines = Object.entries({ ...usual, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /webhooks/github HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A chunked body without an end that anybody waits for. */
export async function* chunkedBody(totalBytes: number): AsyncGenerator<Uint8Array> {
  const size = 256 * 1024;
  const chunk = Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.alloc(size, 0x20), Buffer.from('\r\n')]);
  for (let sent = 0; sent < totalBytes; sent += size) yield chunk;
}

/** One byte a second. */
export async function* dripping(byte: string): AsyncGenerator<string> {
  for (;;) {
    yield byte;
    await new Promise((resolve) => setTimeout(resolve, 1_000).unref());
  }
}
