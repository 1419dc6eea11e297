import type { Answer } from '../../wire/answer.ts';
import type { Request } from '../../wire/request.ts';
import { Change } from './change.ts';

/** One request that is being carried out, on one stream. */
export class RunnerChannel {
  readonly #send: (answer: Answer) => Promise<void>;
  readonly #over = new AbortController();
  readonly #change = new Change();
  readonly #inbox: Request[] = [];
  #credit = 0;

  constructor(send: (answer: Answer) => Promise<void>) {
    this.#send = send;
  }

  /** Aborted when it is cancelled, and when its stream is gone. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  end(): void {
    this.#over.abort();
    this.#change.tell();
  }

  /** Resolves when the stream has room for more. */
  async send(answer: Answer): Promise<void> {
    if (!this.isOver) await this.#send(answer);
  }

  allow(bytes: number): void {
    this.#credit += bytes;
    this.#change.tell();
  }

  /** Waits until at least one byte may be sent, and takes at most so many; 0 when it is over. */
  async spend(most: number): Promise<number> {
    while (this.#credit <= 0 && !this.isOver) await this.#change.next(this.over);
    if (this.isOver) return 0;
    const spent = Math.min(most, this.#credit);
    this.#credit -= spent;
    return spent;
  }

  /** For what cannot be divided: it may take more than there is, once there is any. */
  async spendWhole(bytes: number): Promise<boolean> {
    while (this.#credit <= 0 && !this.isOver) await this.#change.next(this.over);
    this.#credit -= bytes;
    return !this.isOver;
  }

  deliver(request: Request): void {
    this.#inbox.push(request);
    this.#change.tell();
  }

  /** The next frame of the client on this channel; undefined when it is over. */
  async next(): Promise<Request | undefined> {
    while (this.#inbox.length === 0 && !this.isOver) await this.#change.next(this.over);
    return this.isOver ? undefined : this.#inbox.shift();
  }
}
