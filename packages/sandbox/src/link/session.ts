import { randomBytes } from 'node:crypto';
import { messageOf } from '@ephemera/model';
import { ProtocolMismatch } from '../errors.ts';
import type { ByteStream } from '../host.ts';
import { dataType, decodeAnswer, problemOf } from '../wire/answer.ts';
import { type Frame, FrameDecoder } from '../wire/frame-decoder.ts';
import { MOST_FROM_RUNNER } from '../wire/limits.ts';
import { type Request, requestParts } from '../wire/request.ts';
import { OpenChannel } from './channel.ts';
import { Outbox } from './outbox.ts';
import { RunnerError, StreamBroken } from './runner-error.ts';

const mostChannels = 2 ** 32 - 1;

export interface SessionOptions {
  readonly pingEveryMs: number;
  readonly idleCloseMs: number;
  /** Once: the stream is no longer of use. `broken` is false where it was closed here. */
  readonly onEnd: (error: Error, broken: boolean) => void;
}

/** One stream to the runner, and the channels on it. It lives until the stream ends, and is not opened again. */
export class Session {
  readonly #stream: ByteStream;
  readonly #options: SessionOptions;
  readonly #channels = new Map<number, OpenChannel>();
  readonly #decoder = new FrameDecoder(MOST_FROM_RUNNER, [dataType]);
  readonly #outbox: Outbox;
  readonly #timer: NodeJS.Timeout;
  #ended: Error | undefined;
  #last = 0;
  #heardAt = performance.now();
  #usedAt = performance.now();
  #tickedAt = performance.now();
  #answers = 0;

  constructor(stream: ByteStream, options: SessionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#outbox = new Outbox(
      (bytes) => stream.write(bytes),
      (error) => this.#end(error, true),
    );
    // A handle that nobody waits for must not keep the process alive: the timer alone does so, and only while a channel is open.
    stream.unref?.();
    this.#timer = setInterval(() => this.#tick(), Math.min(options.pingEveryMs, options.idleCloseMs)).unref();
    void this.#read();
  }

  /** How many have come. */
  get answers(): number {
    return this.#answers;
  }

  /** Sends the request on a channel of its own. Throws what has ended the stream. */
  open(request: Request): OpenChannel {
    if (this.#ended) throw this.#ended;
    const number = this.#number();
    const send = (frame: Request) => this.#outbox.send(requestParts(number, frame));
    const leave = () => {
      if (this.#channels.get(number) !== channel) return;
      this.#drop(number);
      // Where the runner has closed the channel already this is ignored.
      void channel.send({ kind: 'cancel' });
    };
    const channel = new OpenChannel({ send, leave }, request);
    const frame = requestParts(number, request);
    this.#channels.set(number, channel);
    this.#timer.ref();
    void this.#outbox.send(frame);
    return channel;
  }

  /** What is open on it gets the error. */
  close(error: Error): void {
    this.#end(error, false);
  }

  async #read(): Promise<void> {
    try {
      for await (const bytes of this.#stream.readable) {
        this.#heardAt = performance.now();
        for (const frame of this.#decoder.push(bytes)) this.#deliver(frame);
        if (this.#ended) return;
      }
      this.#end(new StreamBroken('the stream ended'), true);
    } catch (error) {
      this.#end(error instanceof ProtocolMismatch ? error : new StreamBroken(messageOf(error), { cause: error }), true);
    }
  }

  #deliver(frame: Frame): void {
    const channel = this.#channels.get(frame.channel);
    // What crossed the end of its channel is nobody's.
    if (!channel) return;
    const answer = decodeAnswer(frame);
    this.#answers += 1;
    if (answer.kind !== 'end' && answer.kind !== 'error') return channel.put(answer, frame.payload.byteLength);
    this.#drop(frame.channel);
    if (answer.kind === 'end') channel.finish();
    else channel.fail(new RunnerError(problemOf(answer.code), answer.errno, answer.message));
  }

  #drop(number: number): void {
    this.#channels.delete(number);
    if (this.#channels.size > 0) return;
    this.#usedAt = performance.now();
    this.#timer.unref();
  }

  #end(error: Error, broken: boolean): void {
    if (this.#ended) return;
    this.#ended = error;
    clearInterval(this.#timer);
    this.#outbox.close(error);
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    this.#options.onEnd(error, broken);
    for (const channel of channels) channel.fail(error);
    this.#stream.close();
  }

  #tick(): void {
    const now = performance.now();
    const { pingEveryMs, idleCloseMs } = this.#options;
    // The process was stopped, or busy: answers may lie unread, so the silence proves nothing yet.
    if (now - this.#tickedAt > 2 * pingEveryMs) this.#heardAt = now;
    this.#tickedAt = now;
    const silentMs = now - this.#heardAt;
    if (this.#channels.size === 0 && now - this.#usedAt >= idleCloseMs) this.close(new StreamBroken('nothing to do'));
    else if (silentMs >= 2 * pingEveryMs) this.#end(new StreamBroken(`no answer for ${Math.round(silentMs)} ms`), true);
    // Its answer needs no channel of its own: any bytes say that the stream lives.
    else if (silentMs >= pingEveryMs / 2)
      void this.#outbox.send(requestParts(this.#number(), { kind: 'ping', token: randomBytes(8) }));
  }

  #number(): number {
    do this.#last = this.#last === mostChannels ? 1 : this.#last + 1;
    while (this.#channels.has(this.#last));
    return this.#last;
  }
}
