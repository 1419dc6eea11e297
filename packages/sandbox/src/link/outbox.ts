import { messageOf } from '@ephemera/model';
import { StreamBroken } from './runner-error.ts';

/** How much is put together into one write: more would make an urgent frame wait for longer than it has to. */
const batchBytes = 256 * 1024;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Frames on their way out. What is sent in one turn of the event loop, or while an earlier write has no room, leaves in one write. */
export class Outbox {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #onBroken: (error: StreamBroken) => void;
  #waiting: Waiting[] = [];
  #leaving: readonly Waiting[] = [];
  #busy = false;
  #closed: Error | undefined;

  constructor(write: (bytes: Uint8Array) => Promise<void>, onBroken: (error: StreamBroken) => void) {
    this.#write = write;
    this.#onBroken = onBroken;
  }

  /** Resolves when the stream has room again. The promise may be ignored: the stream's end is told to all channels as well. */
  send(bytes: Uint8Array): Promise<void> {
    const sent = new Promise<void>((resolve, reject) => {
      if (this.#closed) reject(this.#closed);
      else this.#waiting.push({ bytes, resolve, reject });
    });
    sent.catch(() => undefined);
    if (!this.#busy && !this.#closed) {
      this.#busy = true;
      queueMicrotask(() => void this.#flush());
    }
    return sent;
  }

  close(error: Error): void {
    if (this.#closed) return;
    this.#closed = error;
    for (const { reject } of [...this.#leaving, ...this.#waiting]) reject(error);
    this.#leaving = [];
    this.#waiting = [];
  }

  async #flush(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#leaving = this.#take();
        await this.#write(joined(this.#leaving));
        for (const { resolve } of this.#leaving) resolve();
        this.#leaving = [];
      }
      this.#busy = false;
    } catch (error) {
      this.#onBroken(new StreamBroken(messageOf(error), { cause: error }));
    }
  }

  #take(): readonly Waiting[] {
    let size = 0;
    const most = this.#waiting.findIndex(({ bytes }) => (size += bytes.byteLength) > batchBytes);
    return this.#waiting.splice(0, most === -1 ? this.#waiting.length : Math.max(1, most));
  }
}

function joined(batch: readonly Waiting[]): Uint8Array {
  const [first] = batch;
  return first && batch.length === 1 ? first.bytes : Buffer.concat(batch.map(({ bytes }) => bytes));
}
