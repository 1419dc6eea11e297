import { setTimeout as delay } from 'node:timers/promises';
import { orAborted } from '@ephemera/model';
import type { WriteInputOptions } from '../commands-api.ts';
import { ProtocolMismatch, SandboxInvalid, StdinClosed } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { RunnerError, StreamBroken } from '../link/runner-error.ts';
import type { AnswerOf } from '../wire/answer.ts';
import { DATA_BYTES } from '../wire/limits.ts';
import type { Request } from '../wire/request.ts';

/** As much as the runner holds for a command that does not read: more than this at once would not be taken. */
const roundBytes = 256 * 1024;
const pauseMs = 20;
const longestPauseMs = 1_000;

type Ack = AnswerOf<'stdinAck'>;
type Position = Pick<Ack, 'taken' | 'closed'>;

/**
 * The standard input of one command, sent by offset: what was taken before a stream broke is not taken twice. Only one writer at a time may use it:
 * of two at once, each would take the other's bytes for its own.
 */
export class StdinSender {
  readonly #link: Link;
  readonly #id: string;
  readonly #signal: AbortSignal | undefined;
  /** How much has been taken. Undefined where others may write between two calls: then the runner is asked each time. */
  #taken: number | undefined;
  #last: Promise<void> = Promise.resolve();
  #closing = false;

  /** `sole`: the command was just started, and nobody else knows it. */
  constructor(link: Link, id: string, options: { readonly sole: boolean; readonly signal?: AbortSignal | undefined }) {
    this.#link = link;
    this.#id = id;
    this.#taken = options.sole ? 0 : undefined;
    this.#signal = options.signal;
  }

  /**
   * Resolves when the command can read all of it. Throws StdinClosed where it reads nothing more. In the order of the calls. `offset`: where they
   * stand; what was taken already is not sent again.
   */
  send(bytes: Uint8Array, { offset, signal }: WriteInputOptions = {}): Promise<void> {
    if (offset !== undefined) return this.#inOrder(() => this.#sendAt(bytes, offset, signal), signal);
    if (this.#closing) return Promise.reject(new StdinClosed({ id: this.#id }));
    return this.#inOrder(() => this.#send(bytes, signal), signal);
  }

  /** Resolves when it has taken all that was sent, or has closed it itself. */
  close(signal?: AbortSignal): Promise<void> {
    this.#closing = true;
    return this.#inOrder(async () => {
      try {
        signal?.throwIfAborted();
        const taken = this.#taken ?? (await this.#position(signal)).taken;
        await this.#ask({ kind: 'stdinClose', id: this.#id, total: taken }, signal);
      } catch (error) {
        // It may still be open, and the runner knows.
        this.#closing = false;
        throw error;
      }
    }, signal);
  }

  /** The signal ends the wait for its turn as well; it is looked at again when that comes. */
  #inOrder(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return signal ? orAborted(done, signal) : done;
  }

  async #send(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const isSole = this.#taken !== undefined;
    const from = await this.#start(signal);
    // Where it breaks off the runner is asked.
    this.#taken = undefined;
    const taken = await this.#put(bytes, { offset: from, from, signal });
    if (isSole) this.#taken = taken;
    const end = from + bytes.byteLength;
    if (taken > end) throw new ProtocolMismatch({ problem: 'more of standard input was taken than was sent' });
    if (taken < end) throw new StdinClosed({ id: this.#id });
  }

  async #sendAt(bytes: Uint8Array, offset: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { taken: from, closed } = await this.#position(signal);
    const end = offset + bytes.byteLength;
    if (from >= end) return;
    if (closed) throw new StdinClosed({ id: this.#id });
    if (from < offset) {
      const problem = `is ${offset}, and only ${from} bytes were taken so far`;
      const problems = [{ path: 'offset', problem, fix: 'Write what stands before it first.' }];
      throw new SandboxInvalid({ what: 'Writing to the command', problems });
    }
    // An earlier attempt may still be under way, and others may write after it: the runner takes nothing twice.
    if ((await this.#put(bytes, { offset, from, signal })) < end) throw new StdinClosed({ id: this.#id });
  }

  async #start(signal: AbortSignal | undefined): Promise<number> {
    if (this.#taken !== undefined) return this.#taken;
    const { taken, closed } = await this.#position(signal);
    if (closed) throw new StdinClosed({ id: this.#id });
    return taken;
  }

  /** Sends what stands at `offset`, beginning with byte `from`. How far the command has got: less than all where it reads nothing more. */
  async #put(
    bytes: Uint8Array,
    {
      offset,
      from,
      signal,
    }: { readonly offset: number; readonly from: number; readonly signal: AbortSignal | undefined },
  ): Promise<number> {
    const end = offset + bytes.byteLength;
    let taken = from;
    let pause = pauseMs;
    while (taken < end) {
      const before = taken;
      // Of what a command does not read, one frame asks whether there is room again.
      const size = pause === pauseMs ? roundBytes : DATA_BYTES;
      const ack = await this.#round(taken, bytes.subarray(taken - offset, taken - offset + size), signal);
      // What was taken and can be read no more does not count: then it is less than was said before.
      if (ack.closed) return ack.taken;
      taken = Math.max(taken, ack.taken);
      if (taken > before) {
        pause = pauseMs;
        continue;
      }
      await delay(pause, undefined, { signal: this.#either(signal) });
      pause = Math.min(pause * 2, longestPauseMs);
    }
    return taken;
  }

  /** Frames that leave together. Where their stream breaks the runner is asked how far they came: sent again they might break it again. */
  async #round(offset: number, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<Position> {
    const asked: Promise<Ack>[] = [];
    for (let at = 0; at < bytes.byteLength; at += DATA_BYTES) {
      asked.push(this.#frame(offset + at, bytes.subarray(at, at + DATA_BYTES), signal));
    }
    let open = 0;
    let end: Position | undefined;
    for (const result of await Promise.allSettled(asked)) {
      if (result.status === 'rejected') {
        if (result.reason instanceof StreamBroken) return this.#position(signal);
        // Less than all was taken of the one before: it is sent again from there.
        if (!isGap(result.reason)) throw closedError(result.reason, this.#id);
        continue;
      }
      if (result.value.closed) end = result.value;
      else open = Math.max(open, result.value.taken);
    }
    return end ?? { taken: open, closed: false };
  }

  async #frame(offset: number, data: Uint8Array, signal: AbortSignal | undefined): Promise<Ack> {
    const request = { kind: 'stdin', id: this.#id, offset, data } as const;
    const channel = await this.#link.open(request, { signal: this.#either(signal) });
    let ack: Ack | undefined;
    for await (const answer of channel.answers) if (answer.kind === 'stdinAck') ack = answer;
    return ack ?? noAck();
  }

  #position(signal: AbortSignal | undefined): Promise<Position> {
    return this.#ask({ kind: 'stdin', id: this.#id, offset: 0, data: new Uint8Array() }, signal);
  }

  async #ask(request: Request, signal: AbortSignal | undefined): Promise<Position> {
    try {
      const answers = await this.#link.ask(request, { signal: this.#either(signal), repeat: true });
      return answers.find((answer) => answer.kind === 'stdinAck') ?? noAck();
    } catch (error) {
      throw closedError(error, this.#id);
    }
  }

  /** The command may leave its input alone for ever, and then nothing is acknowledged. */
  #either(signal: AbortSignal | undefined): AbortSignal | undefined {
    if (this.#signal === undefined || signal === undefined) return this.#signal ?? signal;
    return AbortSignal.any([this.#signal, signal]);
  }
}

function noAck(): never {
  throw new ProtocolMismatch({ problem: 'standard input was not acknowledged' });
}

function isGap(error: unknown): boolean {
  return error instanceof RunnerError && error.problem === 'gap';
}

/** What comes after the end that somebody else has given is refused. */
function closedError(error: unknown, id: string): Error {
  const closed = error instanceof RunnerError && error.problem === 'bad_request';
  return closed ? new StdinClosed({ id }, { cause: error }) : (error as Error);
}
