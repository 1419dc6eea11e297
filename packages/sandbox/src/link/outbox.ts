import { messageOf } from '@ephemera/model';
import { StreamBroken } from './runner-error.ts';

/** How much is put together into one write: more would make an urgent frame wait for longer than it has to. */
const batchBytes = 256 * 1024;

type Parts = readonly [Uint8Array, Uint8Array?];

interface Waiting {
  readonly frame: Parts;
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

  /**
   * Resolves when the stream has room again, and has no further use for the bytes. The promise may be ignored: the stream's end is told to all
   * channels as well.
   */
  send(frame: Parts): Promise<void> {
    const sent = new Promise<void>((resolve, reject) => {
      if (this.#closed) reject(this.#closed);
      else this.#waiting.push({ frame, resolve, reject });
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
        for (const bytes of writesOf(this.#leaving)) await this.#write(bytes);
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
    const most = this.#waiting.findIndex(({ frame }) => (size += bytesOf(frame)) > batchBytes);
    return this.#waiting.splice(0, most === -1 ? this.#waiting.length : Math.max(1, most));
  }
}

function bytesOf([head, rest]: Parts): number {
  return head.byteLength + (rest?.byteLength ?? 0);
}

/** What is small leaves together with what is beside it; large data leaves as it is. */
function writesOf(batch: readonly Waiting[]): readonly Uint8Array[] {
  const writes: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  for (const { frame } of batch) {
    const [head, rest] = frame;
    small.push(head);
    if (rest === undefined) continue;
    writes.push(joined(small), rest);
    small = [];
  }
  return small.length > 0 ? [...writes, joined(small)] : writes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return first && parts.length === 1 ? first : Buffer.concat(parts);
}
