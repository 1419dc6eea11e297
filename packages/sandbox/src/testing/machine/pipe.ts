/** As much as a pipe of Linux holds before a write waits. */
const capacity = 64 * 1024;

/** Thrown by a write whose reader is gone. */
export class BrokenPipe extends Error {
  readonly code = 'EPIPE';

  constructor() {
    super('nobody reads this any more');
    this.name = 'BrokenPipe';
  }
}

interface WaitingWrite {
  bytes: Uint8Array;
  readonly writer: AbortSignal | undefined;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/**
 * Bytes from writers to readers, in order. It ends when the last writer has let go of it, as the kernel's pipes do: a child that
 * still holds its parent's output keeps it open.
 */
export class Pipe {
  #kept: Uint8Array[] = [];
  #size = 0;
  #writers = 0;
  #broken = false;
  #discards = false;
  readonly #waitingWrites: WaitingWrite[] = [];
  readonly #waitingReads: ((bytes: Uint8Array | undefined) => void)[] = [];

  /** One more writer. The result lets go, once. */
  hold(): () => void {
    this.#writers += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#writers -= 1;
      this.#move();
    };
  }

  /** Resolves when all of it is in the pipe. What still waits when the writer has ended is not written, see `forget`. */
  write(bytes: Uint8Array, writer?: AbortSignal): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#broken) return failed(new BrokenPipe());
      this.#waitingWrites.push({ bytes, writer, done, failed });
      this.#move();
    });
  }

  /** A writer has ended: what it still waits to write fails with the signal's reason. */
  forget(writer: AbortSignal): void {
    const left = this.#waitingWrites.splice(0);
    for (const write of left) {
      if (write.writer === writer) write.failed(writer.reason as Error);
      else this.#waitingWrites.push(write);
    }
    this.#move();
  }

  /** The next bytes, at most `most`; undefined at the end. */
  read(most = Infinity): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#waitingReads.push((bytes) => {
        if (bytes !== undefined && bytes.length > most) {
          this.#kept.unshift(bytes.subarray(most));
          this.#size += bytes.length - most;
          resolve(bytes.subarray(0, most));
        } else resolve(bytes);
      });
      this.#move();
    });
  }

  /** No writer is left, and nothing more comes. */
  get ended(): boolean {
    return this.#writers === 0 && this.#size === 0 && this.#waitingWrites.length === 0;
  }

  /** Takes everything from now on, and keeps nothing of it. */
  discard(): void {
    this.#discards = true;
    this.#kept = [];
    this.#size = 0;
    this.#move();
  }

  /** The reader goes: what was written is lost, and later writes fail. */
  breakOff(): void {
    this.#broken = true;
    this.#kept = [];
    this.#size = 0;
    for (const write of this.#waitingWrites.splice(0)) write.failed(new BrokenPipe());
    this.#move();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const bytes = await this.read();
      if (bytes === undefined) return;
      yield bytes;
    }
  }

  #move(): void {
    this.#fill();
    while (this.#waitingReads.length > 0 && (this.#size > 0 || this.ended || this.#broken)) {
      // All at once: with piece by piece, each small piece would make room for another small one, and soon there would be no others.
      const kept = this.#kept.splice(0);
      const bytes = kept.length > 1 ? Buffer.concat(kept) : kept[0];
      this.#size = 0;
      this.#waitingReads.shift()?.(bytes);
      this.#fill();
    }
  }

  #fill(): void {
    for (;;) {
      const write = this.#waitingWrites[0];
      if (write === undefined) return;
      const taken = this.#discards ? write.bytes : write.bytes.subarray(0, capacity - this.#size);
      if (this.#discards) write.bytes = new Uint8Array();
      else if (taken.length > 0) {
        this.#kept.push(new Uint8Array(taken));
        this.#size += taken.length;
        write.bytes = write.bytes.subarray(taken.length);
      }
      if (write.bytes.length > 0) return;
      this.#waitingWrites.shift();
      write.done();
    }
  }
}
