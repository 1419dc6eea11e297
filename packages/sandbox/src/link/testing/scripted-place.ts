import type { ByteStream, SandboxPlace } from '../../host.ts';
import { type Answer, codeOf, encodeAnswer, type RunnerProblem } from '../../wire/answer.ts';
import { FrameDecoder } from '../../wire/frame-decoder.ts';
import { MOST_TO_RUNNER, PROTOCOL_VERSION } from '../../wire/limits.ts';
import { decodeRequest, type Request } from '../../wire/request.ts';

const info = {
  id: 'sandbox-0123456789',
  image: 'busybox:1',
  namespace: 'default',
  state: 'running',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:30:00.000Z',
  metadata: {},
} as const;

/** What came in on one stream. */
export interface Asked {
  readonly channel: number;
  readonly request: Request;
}

/** The runner's side of one stream, played by a test. */
export class ScriptedStream {
  readonly asked: Asked[] = [];
  /** How many frames each write of the client had. */
  readonly writes: number[] = [];
  /** Whether the client has closed it. */
  closed = false;
  readonly #decoder = new FrameDecoder(MOST_TO_RUNNER);
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #place: ScriptedPlace;
  readonly client: ByteStream;
  #over = false;

  constructor(place: ScriptedPlace) {
    this.#place = place;
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const readable = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
      cancel: () => void (this.#over = true),
    });
    this.#controller = controller as unknown as ReadableStreamDefaultController<Uint8Array>;
    this.client = {
      readable,
      write: async (bytes) => this.#take(bytes),
      close: () => {
        this.closed = true;
        this.end();
      },
    };
  }

  answer(channel: number, ...answers: readonly Answer[]): void {
    if (this.#over) return;
    this.#controller.enqueue(Buffer.concat(answers.map((answer) => encodeAnswer(channel, answer))));
  }

  refuse(channel: number, problem: RunnerProblem, errno = 0): void {
    this.answer(channel, { kind: 'error', code: codeOf(problem), errno, message: problem });
  }

  raw(bytes: Uint8Array): void {
    this.#controller.enqueue(bytes);
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
  }

  cut(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller.error(new Error('connection reset'));
  }

  #take(bytes: Uint8Array): void {
    if (this.#over) throw new Error('connection reset');
    let frames = 0;
    for (const frame of this.#decoder.push(bytes)) {
      frames += 1;
      const asked = { channel: frame.channel, request: decodeRequest(frame) };
      this.asked.push(asked);
      this.#place.play(this, asked);
    }
    this.writes.push(frames);
  }
}

type Script = (stream: ScriptedStream, asked: Asked) => void;

/** A sandbox in memory, whose runner does what the test says. It greets by itself. */
export class ScriptedPlace implements SandboxPlace {
  readonly id = info.id;
  readonly info = info;
  readonly streams: ScriptedStream[] = [];
  bootId = 1;
  version = PROTOCOL_VERSION;
  /** Thrown by that many of the next attempts to open a stream, or by all. */
  refusal: { readonly error: Error; times: number } | undefined;
  verdictIs: Error | undefined;
  verdicts = 0;
  script: Script;

  constructor(script: Script = () => undefined) {
    this.script = script;
  }

  get last(): ScriptedStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('no stream was opened');
    return stream;
  }

  async open(): Promise<ByteStream> {
    if (this.refusal && this.refusal.times-- > 0) throw this.refusal.error;
    const stream = new ScriptedStream(this);
    this.streams.push(stream);
    return stream.client;
  }

  play(stream: ScriptedStream, asked: Asked): void {
    const { channel, request } = asked;
    if (request.kind === 'hello') {
      const bootId = new Uint8Array(16).fill(this.bootId);
      const hello = {
        kind: 'hello',
        version: this.version,
        bootId,
        now: 0,
        uptimeMs: 0,
        expiresInMs: undefined,
      } as const;
      stream.answer(channel, hello, { kind: 'end' });
    } else if (request.kind === 'env') stream.answer(channel, { kind: 'end' });
    else this.script(stream, asked);
  }

  async verdict(): Promise<Error | undefined> {
    this.verdicts += 1;
    return this.verdictIs;
  }

  async look() {
    return info;
  }

  async extend() {
    return info;
  }

  async remove(): Promise<void> {}

  async dispose(): Promise<void> {}
}
