import { connect, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { decodeAnswer, type Answer, type AnswerOf } from '../../src/wire/answer.ts';
import { FrameDecoder } from '../../src/wire/frame-decoder.ts';
import { MOST_FROM_RUNNER } from '../../src/wire/limits.ts';
import { encodeRequest, type Request, type RequestOf } from '../../src/wire/request.ts';

const ANSWER_MS = 15_000;

/** What came on one channel, as it comes. */
export interface Channel {
  readonly number: number;
  /** The next answer, END and ERROR among them. Throws where the stream ends before, or after a while. */
  next(): Promise<Answer>;
  /** All that is still to come, END or ERROR last. */
  rest(): Promise<readonly Answer[]>;
  send(request: Request): void;
}

/** One stream to a runner that hides nothing: each frame is seen by the test. */
export class RunnerClient {
  readonly #from: Readable;
  readonly #to: Writable;
  readonly #inboxes = new Map<number, Inbox>();
  #lastChannel = 0;
  /** Resolves when the runner has closed the stream. */
  readonly closed: Promise<void>;

  constructor(from: Readable, to: Writable) {
    this.#from = from;
    this.#to = to;
    const decoder = new FrameDecoder(MOST_FROM_RUNNER);
    from.on('data', (bytes: Buffer) => {
      for (const frame of decoder.push(bytes)) {
        const answer = decodeAnswer({ ...frame, payload: Uint8Array.from(frame.payload) });
        this.#inbox(frame.channel).put(answer);
      }
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    for (const stream of [from, to]) stream.on('error', () => undefined);
    from.on('close', () => {
      for (const inbox of this.#inboxes.values()) inbox.end();
      resolve();
    });
  }

  static async connect(path: string): Promise<RunnerClient> {
    const socket: Socket = connect(path.startsWith('@') ? `\0${path.slice(1)}` : path);
    await new Promise<void>((done, failed) => socket.once('connect', done).once('error', failed));
    return new RunnerClient(socket, socket);
  }

  open(request: Request, number = ++this.#lastChannel): Channel {
    const inbox = this.#inbox(number);
    this.write(encodeRequest(number, request));
    return {
      number,
      next: () => inbox.take(),
      rest: async () => {
        const answers: Answer[] = [];
        for (;;) {
          const answer = await inbox.take();
          answers.push(answer);
          if (answer.kind === 'end' || answer.kind === 'error') return answers;
        }
      },
      send: (further) => this.write(encodeRequest(number, further)),
    };
  }

  /** A request with one answer before its END. */
  async ask<Kind extends Answer['kind']>(request: Request, kind: Kind): Promise<AnswerOf<Kind>> {
    const answers = await this.open(request).rest();
    const found = answers.find((answer) => answer.kind === kind);
    if (found === undefined) throw new Error(`${request.kind} was answered with ${JSON.stringify(answers)}`);
    return found as AnswerOf<Kind>;
  }

  start(
    id: string,
    argv: readonly string[],
    more: Partial<Omit<RequestOf<'start'>, 'kind' | 'id' | 'argv'>> = {},
  ): Promise<AnswerOf<'started'>> {
    return this.ask({ ...startRequest(id, argv), ...more }, 'started');
  }

  attach(id: string, more: Partial<Omit<RequestOf<'attach'>, 'kind' | 'id'>> = {}): Channel {
    return this.open({
      kind: 'attach',
      id,
      fromStdout: 0,
      fromStderr: 0,
      window: 1 << 30,
      follow: true,
      ...more,
    });
  }

  /** All of a command's output and its end. */
  async outcome(id: string): Promise<Outcome> {
    return outcomeOf(await this.attach(id).rest());
  }

  async run(
    id: string,
    argv: readonly string[],
    more: Partial<Omit<RequestOf<'start'>, 'kind' | 'id' | 'argv'>> = {},
  ): Promise<Outcome> {
    const started = this.open({ ...startRequest(id, argv), ...more });
    const attached = this.attach(id);
    const [first] = await started.rest();
    if (first?.kind !== 'started') throw new Error(`not started: ${JSON.stringify(first)}`);
    return outcomeOf(await attached.rest());
  }

  write(bytes: Uint8Array): void {
    this.#to.write(bytes);
  }

  pause(): void {
    this.#from.pause();
  }

  resume(): void {
    this.#from.resume();
  }

  async close(): Promise<void> {
    this.#from.destroy();
    this.#to.destroy();
    await this.closed;
  }

  #inbox(channel: number): Inbox {
    const known = this.#inboxes.get(channel);
    if (known !== undefined) return known;
    const made = new Inbox();
    if (this.#from.closed) made.end();
    this.#inboxes.set(channel, made);
    return made;
  }
}

export interface Outcome {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly lost: readonly AnswerOf<'lost'>[];
  readonly exit: AnswerOf<'exit'>;
}

/** Checks, too, that every byte comes once and in its place. */
export function outcomeOf(answers: readonly Answer[], from = { stdout: 0, stderr: 0 }): Outcome {
  const at = { ...from };
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const lost: AnswerOf<'lost'>[] = [];
  for (const answer of answers) {
    if (answer.kind === 'lost') {
      if (answer.from !== at[answer.stream]) throw new Error(`lost from ${answer.from}, not ${at[answer.stream]}`);
      at[answer.stream] = answer.to;
      lost.push(answer);
    }
    if (answer.kind !== 'out') continue;
    if (answer.offset !== at[answer.stream]) throw new Error(`at ${answer.offset} instead of ${at[answer.stream]}`);
    at[answer.stream] += answer.data.byteLength;
    parts[answer.stream].push(answer.data);
  }
  const exit = answers.find((answer) => answer.kind === 'exit');
  if (exit === undefined) throw new Error(`no EXIT in ${answers.map(({ kind }) => kind).join(' ')}`);
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr), lost, exit };
}

export function startRequest(id: string, argv: readonly string[]): RequestOf<'start'> {
  const flags = { stdin: false, terminal: false };
  return { kind: 'start', id, flags, timeoutMs: 0, graceMs: 5000, rows: 0, columns: 0, cwd: '', argv, env: [] };
}

class Inbox {
  readonly #answers: Answer[] = [];
  readonly #readers: { take: (answer: Answer) => void; fail: (error: Error) => void }[] = [];
  #ended = false;

  put(answer: Answer): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#answers.push(answer);
    else reader.take(answer);
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader.fail(new Error('the stream has ended'));
  }

  async take(): Promise<Answer> {
    const answer = this.#answers.shift();
    if (answer !== undefined) return answer;
    if (this.#ended) throw new Error('the stream has ended');
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#readers.push({ take: resolve, fail: reject });
    const deadline = setTimeout(() => reject(new Error('no answer came')), ANSWER_MS);
    return promise.finally(() => clearTimeout(deadline));
  }
}
