import type { ByteStream } from '../host.ts';
import { Change } from './runner/change.ts';

/** How much may be under way in one direction before a write waits, about what sockets and proxies hold. */
const highWater = 256 * 1024;

/** One direction of a connection. */
class Lane {
  readonly #change = new Change();
  readonly #queue: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #stalled = false;
  #left = Infinity;
  readonly #broken: { error?: Error } = {};
  readonly #onLimit: () => void;

  constructor(onLimit: () => void) {
    this.#onLimit = onLimit;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#broken.error !== undefined) throw this.#broken.error;
    if (this.#ended) throw new Error('the stream is closed');
    // A copy, as a socket makes one. Not by `slice`: that of a Buffer is none.
    const passing = new Uint8Array(bytes.subarray(0, this.#left));
    this.#left -= passing.length;
    this.#queue.push(passing);
    this.#size += passing.length;
    this.#change.tell();
    if (this.#left === 0) this.#onLimit();
    while (this.#size > highWater && this.#broken.error === undefined && !this.#ended) await this.#change.next();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const bytes = this.#stalled ? undefined : this.#queue.shift();
      if (bytes !== undefined) {
        this.#size -= bytes.length;
        this.#change.tell();
        yield bytes;
      } else if (this.#broken.error !== undefined) throw this.#broken.error;
      else if (this.#ended) return;
      else await this.#change.next();
    }
  }

  /** Lets so many more bytes through, and then calls. */
  limit(bytes: number): void {
    this.#left = bytes;
  }

  /** Nothing comes out any more, and nobody is told. */
  stall(): void {
    this.#stalled = true;
  }

  end(): void {
    this.#ended = true;
    this.#change.tell();
  }

  /** What is under way arrives; after it the reader, and every writer, gets the error. */
  break(error: Error): void {
    this.#broken.error ??= error;
    this.#stalled = false;
    this.#change.tell();
  }
}

/** A connection between a client and the runner in memory, which can be broken at any byte. */
export class Cable {
  readonly near: ByteStream;
  readonly far: ByteStream;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #onOver: () => void;

  /** `onOver` is called once, when it is of no more use. */
  constructor(onOver: () => void) {
    let told = false;
    this.#onOver = () => {
      if (!told) onOver();
      told = true;
    };
    this.#up = new Lane(() => this.cut());
    this.#down = new Lane(() => this.cut());
    this.near = this.#endOf(this.#down, this.#up);
    this.far = this.#endOf(this.#up, this.#down);
  }

  /** Neither side gets a word of why. */
  cut(): void {
    const error = new Error('the connection was reset');
    this.#up.break(error);
    this.#down.break(error);
    this.#onOver();
  }

  /** It breaks by itself once the sandbox has sent so many more bytes. */
  cutAfter(bytes: number): void {
    if (bytes <= 0) this.cut();
    else this.#down.limit(bytes);
  }

  /** It stays open, and nothing passes any more: a node that was switched off. */
  stall(): void {
    this.#up.stall();
    this.#down.stall();
  }

  #endOf(from: Lane, to: Lane): ByteStream {
    return {
      readable: from,
      write: (bytes) => to.write(bytes),
      close: () => {
        from.end();
        to.end();
        this.#onOver();
      },
    };
  }
}
