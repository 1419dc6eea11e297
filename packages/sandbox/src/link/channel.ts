import type { Answer } from '../wire/answer.ts';
import type { Request } from '../wire/request.ts';
import { Allowance } from './allowance.ts';

/** What belongs to one request, on one stream. */
export interface Channel {
  /**
   * For one reader. Ends after END, and after `cancel`; throws RunnerError for ERROR, StreamBroken where the stream broke, and the reason of the
   * signal that it was opened with. Leaving the loop early cancels.
   */
  readonly answers: AsyncIterable<Answer>;
  /**
   * Resolves once it is on its way and there is room for more. Frames leave in the order of the calls. Throws StreamBroken; whoever ignores that
   * learns it by `answers`.
   */
  send(frame: Request): Promise<void>;
  /** Allows the runner so many more bytes. */
  credit(bytes: number): void;
  /** Nothing more comes on it. Tells the runner, and never throws. May be called twice. */
  cancel(): void;
}

/** What a channel needs of its stream. */
export interface Carrier {
  send(frame: Request): Promise<void>;
  /** The reader has no further use for it. */
  leave(): void;
}

interface Kept {
  readonly answer: Answer;
  /** Of its payload. */
  readonly bytes: number;
}

/** How many answers are read before the places that they had are given back. */
const leastGivenBack = 256;

interface Reader {
  readonly resolve: (result: IteratorResult<Answer, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** A channel as its stream sees it: answers are put in, and wait for their reader. */
export class OpenChannel implements Channel {
  readonly answers: AsyncIterable<Answer> = { [Symbol.asyncIterator]: () => this.#iterator() };
  readonly #carrier: Carrier;
  readonly #allowance: Allowance;
  /** Undefined: was read, and must not stay in memory until the others are. */
  #kept: (Kept | undefined)[] = [];
  /** How many of them were read: taking them off the front one by one costs too much where there are many. */
  #read = 0;
  #readers: Reader[] = [];
  #open = true;
  #failure: { readonly error: unknown } | undefined;
  #onSettled: (() => void) | undefined;

  /** `request`: the one that it is opened with. */
  constructor(carrier: Carrier, request: Request) {
    this.#carrier = carrier;
    this.#allowance = new Allowance(request);
  }

  /** Calls it once nothing more can come; for one caller. */
  whenSettled(called: () => void): void {
    if (this.#open) this.#onSettled = called;
    else called();
  }

  send(frame: Request): Promise<void> {
    return this.#carrier.send(frame);
  }

  credit(bytes: number): void {
    if (bytes <= 0 || !this.#open) return;
    this.#allowance.add(bytes);
    void this.send({ kind: 'credit', bytes });
  }

  cancel(): void {
    if (!this.#open) return;
    this.#forget();
    this.#carrier.leave();
    this.finish();
  }

  /** As `cancel`, and its reader gets the error. */
  abort(error: unknown): void {
    if (!this.#open) return;
    this.#forget();
    this.#carrier.leave();
    this.fail(error);
  }

  /** `bytes`: of its payload. Throws ProtocolMismatch where more comes than was allowed. */
  put(answer: Answer, bytes: number): void {
    if (!this.#open) return;
    this.#allowance.spend(answer, bytes);
    const reader = this.#readers.shift();
    if (!reader) return void this.#kept.push({ answer, bytes });
    this.#allowance.read(answer, bytes);
    reader.resolve({ done: false, value: answer });
  }

  finish(): void {
    if (!this.#open) return;
    this.#settle();
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  fail(error: unknown): void {
    if (!this.#open) return;
    const reader = this.#readers.shift();
    if (reader) reader.reject(error);
    // Kept for the next one who reads: an error that nobody takes is no unhandled rejection.
    else this.#failure = { error };
    this.finish();
  }

  #settle(): void {
    this.#open = false;
    this.#onSettled?.();
    this.#onSettled = undefined;
  }

  #iterator(): AsyncIterator<Answer, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.cancel();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #take(): Answer | undefined {
    const kept = this.#kept[this.#read];
    if (!kept) return undefined;
    this.#kept[this.#read] = undefined;
    this.#read += 1;
    // A reader that is always a little behind never finds it empty.
    if (this.#read >= leastGivenBack && 2 * this.#read >= this.#kept.length) {
      this.#kept.splice(0, this.#read);
      this.#read = 0;
    } else if (this.#read >= this.#kept.length) this.#forget();
    this.#allowance.read(kept.answer, kept.bytes);
    return kept.answer;
  }

  #forget(): void {
    this.#kept = [];
    this.#read = 0;
  }

  #next(): Promise<IteratorResult<Answer, undefined>> {
    const answer = this.#take();
    if (answer) return Promise.resolve({ done: false, value: answer });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) return rejected(failure.error);
    if (!this.#open) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }
}

/** As it is: the reason of a signal need not be an Error. */
function rejected(reason: unknown): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  reject(reason);
  return promise;
}
