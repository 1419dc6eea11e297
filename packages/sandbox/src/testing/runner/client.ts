import type { ByteStream } from '../../host.ts';
import { codeOf, encodeAnswer, type Answer } from '../../wire/answer.ts';
import { FrameDecoder, type Frame } from '../../wire/frame-decoder.ts';
import { MOST_TO_RUNNER } from '../../wire/limits.ts';
import { decodeRequest, type Request } from '../../wire/request.ts';
import { RunnerChannel } from './channel.ts';
import { faultOf, HangUp, RunnerFault } from './fault.ts';

/** Carries a request out. What it does before its first wait is done in the order of the requests. END, or ERROR for what it throws, follows it. */
export type CarryOut = (request: Request, channel: RunnerChannel) => Promise<void>;

type Continuing = Extract<Request, { kind: 'credit' | 'chunk' | 'commit' | 'cancel' | 'portData' | 'portEnd' }>;

const continuing: ReadonlySet<string> = new Set<Continuing['kind']>([
  'credit',
  'chunk',
  'commit',
  'cancel',
  'portData',
  'portEnd',
]);

/** One stream of one client: frames into requests on channels. */
export class RunnerClient {
  readonly #stream: ByteStream;
  readonly #carryOut: CarryOut;
  readonly #channels = new Map<number, RunnerChannel>();

  constructor(stream: ByteStream, carryOut: CarryOut) {
    this.#stream = stream;
    this.#carryOut = carryOut;
  }

  /** Until the stream ends, however it does. */
  async serve(): Promise<void> {
    const decoder = new FrameDecoder(MOST_TO_RUNNER);
    try {
      for await (const bytes of this.#stream.readable) {
        for (const frame of decoder.push(bytes)) this.#take(frame);
      }
    } catch {
      // Broken, or with a frame over the limit: both end this client and nothing else.
    } finally {
      this.#stream.close();
      for (const channel of this.#channels.values()) channel.end();
      this.#channels.clear();
    }
  }

  #take(frame: Frame): void {
    const open = this.#channels.get(frame.channel);
    const request = this.#decode(frame);
    if (request === undefined || frame.channel === 0) {
      open?.end();
      void this.#close(frame.channel, refused('this frame cannot be read'));
    } else if (!isContinuing(request)) {
      open?.end();
      if (open === undefined) void this.#open(frame.channel, request);
      else void this.#close(frame.channel, refused('this channel is open'));
    } else if (request.kind === 'credit') open?.allow(request.bytes);
    else if (request.kind === 'cancel') open?.end();
    else open?.deliver(request);
  }

  #decode(frame: Frame): Request | undefined {
    try {
      return decodeRequest(frame);
    } catch {
      return undefined;
    }
  }

  async #open(number: number, request: Request): Promise<void> {
    const channel = new RunnerChannel((answer) => this.#send(number, answer));
    this.#channels.set(number, channel);
    let last: Answer = { kind: 'end' };
    try {
      await this.#carryOut(request, channel);
    } catch (error) {
      if (error instanceof HangUp) return this.#stream.close();
      const fault = faultOf(error) ?? new RunnerFault('io', String(error));
      last = { kind: 'error', code: codeOf(fault.problem), errno: fault.errno, message: fault.message };
    }
    if (this.#channels.get(number) === channel) await this.#close(number, last);
  }

  async #close(number: number, last: Answer): Promise<void> {
    this.#channels.delete(number);
    await this.#send(number, last);
  }

  async #send(number: number, answer: Answer): Promise<void> {
    // A stream that breaks tells its reader, which ends all channels.
    await this.#stream.write(encodeAnswer(number, answer)).catch(() => {});
  }
}

function refused(message: string): Answer {
  return { kind: 'error', code: codeOf('bad_request'), errno: 0, message };
}

function isContinuing(request: Request): request is Continuing {
  return continuing.has(request.kind);
}
