import type { Request } from '../../src/wire/request.ts';
import type { Turn } from './scripted-runner.ts';

interface Connection {
  readonly turn: Turn;
  credit: number;
  readonly waiting: Uint8Array[];
  ended: boolean;
}

/** How much the client may send ahead. */
const window = 32 * 1024;

/** A program that writes back what it reads, and ends when what it reads has ended. It keeps to the credit both ways, and checks the client's. */
export class EchoPort {
  readonly #connections = new Map<number, Connection>();
  readonly #allowed = new Map<number, number>();
  readonly #port: number;
  /** Whether the program takes anything now. */
  reading = true;
  /** Of all connections so far. */
  received = 0;
  /** Bytes that came without credit. */
  unallowed = 0;

  constructor(port: number) {
    this.#port = port;
  }

  get open(): number {
    return this.#connections.size;
  }

  take(request: Request, turn: Turn): void {
    if (request.kind === 'connect') return this.#connect(request, turn);
    const connection = this.#connections.get(turn.channel);
    if (connection === undefined) return;
    if (request.kind === 'cancel') {
      this.#connections.delete(turn.channel);
      return turn.end();
    }
    if (request.kind === 'credit') connection.credit += request.bytes;
    if (request.kind === 'portEnd') connection.ended = true;
    if (request.kind === 'portData') this.#receive(connection, request.data);
    this.#send(connection);
  }

  /** As a program that goes on reading. */
  resume(): void {
    this.reading = true;
    for (const connection of this.#connections.values()) this.#send(connection);
  }

  #connect(request: Extract<Request, { kind: 'connect' }>, turn: Turn): void {
    if (request.port !== this.#port) return turn.refuse('port_refused', 111);
    this.#connections.set(turn.channel, { turn, credit: request.window, waiting: [], ended: false });
    this.#allowed.set(turn.channel, window);
    turn.answer({ kind: 'connected' }, { kind: 'credit', bytes: window });
  }

  #receive(connection: Connection, data: Uint8Array): void {
    this.received += data.length;
    const left = (this.#allowed.get(connection.turn.channel) ?? 0) - data.length;
    this.#allowed.set(connection.turn.channel, left);
    if (left < 0) this.unallowed -= left;
    connection.waiting.push(Uint8Array.from(data));
  }

  #send(connection: Connection): void {
    const { turn, waiting } = connection;
    while (this.reading && connection.credit > 0 && waiting[0] !== undefined) {
      const data = waiting[0].subarray(0, connection.credit);
      waiting[0] = waiting[0].subarray(data.length);
      if (waiting[0].length === 0) waiting.shift();
      connection.credit -= data.length;
      this.#allowed.set(turn.channel, (this.#allowed.get(turn.channel) ?? 0) + data.length);
      turn.answer({ kind: 'portData', data }, { kind: 'credit', bytes: data.length });
    }
    if (!connection.ended || waiting.length > 0) return;
    this.#connections.delete(turn.channel);
    turn.end({ kind: 'portEnd' });
  }
}
