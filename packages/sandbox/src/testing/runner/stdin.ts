import { Pipe } from '../machine/pipe.ts';
import { RunnerFault } from './fault.ts';

/** As much as is taken for a command that does not read; of what is more the client is told how far it was taken. */
const mostPending = 256 * 1024;

/** Where a command's standard input stands: how much of it was taken, and whether it takes no more. */
export interface StdinState {
  readonly taken: number;
  readonly closed: boolean;
}

/** A command's standard input: bytes by their offset, so that what is sent twice after a break is written once. */
export class Stdin {
  readonly pipe = new Pipe();
  readonly #release: () => void;
  #taken = 0;
  #written = 0;
  #closed = false;
  #closeAt = Infinity;
  #last: Promise<void> = Promise.resolve();

  constructor(open: boolean) {
    this.#release = this.pipe.hold();
    if (!open) this.#close();
  }

  /** Resolves when the command's pipe has what was taken, or takes no more. */
  async write(offset: number, data: Uint8Array): Promise<StdinState> {
    if (this.#closed) return this.#state();
    if (offset > this.#taken) throw new RunnerFault('gap', 'bytes before these have not arrived');
    const fresh = data.slice(this.#taken - offset);
    if (this.#taken + fresh.length > this.#closeAt) {
      throw new RunnerFault('bad_request', 'there is data after the end of standard input');
    }
    const accepted = fresh.subarray(0, mostPending - (this.#taken - this.#written));
    this.#taken += accepted.length;
    this.#last = this.#last.then(() => this.#pass(accepted));
    await this.#last;
    return this.#state();
  }

  /** At its end after so many bytes. Resolves when it is there. */
  async closeAt(total: number): Promise<StdinState> {
    if (this.#closed) return this.#state();
    if (total < this.#taken || (this.#closeAt !== Infinity && this.#closeAt !== total)) {
      throw new RunnerFault('bad_request', 'standard input has another length');
    }
    this.#closeAt = total;
    this.#last = this.#last.then(() => this.#closeIfDue());
    await this.#last;
    return this.#state();
  }

  /** The command has ended: what waits is lost. */
  abandon(): void {
    this.#close();
    this.pipe.breakOff();
  }

  #state(): StdinState {
    return { taken: this.#taken, closed: this.#closed };
  }

  #close(): void {
    this.#closed = true;
    // What waits can no longer be read.
    this.#taken = this.#written;
    this.#release();
  }

  async #pass(bytes: Uint8Array): Promise<void> {
    try {
      await this.pipe.write(bytes);
      this.#written += bytes.length;
      this.#closeIfDue();
    } catch {
      // A broken pipe: the reader has gone.
      this.#close();
    }
  }

  #closeIfDue(): void {
    if (this.#written >= this.#closeAt) this.#close();
  }
}
