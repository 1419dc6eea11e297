import { Duplex } from 'node:stream';
import type { FakeInput, FakeSocket } from '../program.ts';
import { inputOf } from './input.ts';
import { Pipe } from './pipe.ts';
import type { VirtualProcess } from './process.ts';

interface Listener {
  readonly process: VirtualProcess;
  readonly accept: (socket: FakeSocket) => void;
}

/** One side of a connection. */
export interface SocketEnd extends FakeSocket {
  readonly pipe: Pipe;
  /** Ends both ways at once. */
  close(): void;
}

/** Who listens where. */
export class Ports {
  readonly #listeners = new Map<number, Listener>();
  readonly #sockets = new Map<VirtualProcess, Set<SocketEnd>>();

  listen(port: number, process: VirtualProcess, accept: (socket: FakeSocket) => void): void {
    if (this.#listeners.has(port)) throw new Error(`port ${port} is in use`);
    this.#listeners.set(port, { process, accept });
  }

  /** Undefined where nobody listens. */
  connect(port: number): SocketEnd | undefined {
    const listener = this.#listeners.get(port);
    if (listener === undefined) return undefined;
    const there = new Pipe();
    const back = new Pipe();
    const far = socketEnd(there, back);
    const sockets = this.#sockets.get(listener.process) ?? new Set();
    this.#sockets.set(listener.process, sockets.add(far));
    // First both ends: who reads a pipe that nobody holds for writing is at its end.
    const near = socketEnd(back, there);
    listener.accept(far);
    return near;
  }

  /** The end of a process closes what it had open. */
  release(process: VirtualProcess): void {
    for (const [port, listener] of this.#listeners) if (listener.process === process) this.#listeners.delete(port);
    for (const socket of this.#sockets.get(process) ?? []) socket.close();
    this.#sockets.delete(process);
  }
}

function socketEnd(from: Pipe, to: Pipe): SocketEnd {
  const release = to.hold();
  const readable: FakeInput = inputOf((most) => from.read(most));
  return {
    pipe: from,
    readable,
    write: async (content) => {
      await to.write(Buffer.from(content as string));
    },
    end: release,
    duplex: () => duplexOf(from, to, release),
    close: () => {
      release();
      from.breakOff();
    },
  };
}

function duplexOf(from: Pipe, to: Pipe, release: () => void): Duplex {
  return new Duplex({
    read() {
      void from.read().then((bytes) => this.push(bytes ?? null));
    },
    write(bytes: Buffer, _encoding, done) {
      void settle(to.write(bytes), done);
    },
    final(done) {
      release();
      done();
    },
    destroy(error, done) {
      release();
      from.breakOff();
      done(error);
    },
  });
}

/** A promise for somebody who wants to be called. */
async function settle(work: Promise<void>, done: (error?: Error) => void): Promise<void> {
  try {
    await work;
  } catch (error) {
    return done(error as Error);
  }
  done();
}
