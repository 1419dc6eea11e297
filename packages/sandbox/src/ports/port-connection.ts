import { messageOf } from '@ephemera/model';
import { ConnectionBroken } from '../errors.ts';
import type { Channel } from '../link/link.ts';
import { RunnerError, StreamBroken } from '../link/runner-error.ts';
import type { Answer } from '../wire/answer.ts';
import type { PortStream } from './connect-port.ts';
import { Credit } from './credit.ts';

/** How much of what the program writes may be under way, or wait here for its reader. */
export const portWindow = 1024 * 1024;
const pieceBytes = 64 * 1024;

/** One CONNECT channel as a stream. What comes is bounded by the window; what goes waits for the runner's credit. */
export class PortConnection implements PortStream {
  readonly readable: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => this.#read() };
  readonly #channel: Channel;
  readonly #port: number;
  readonly #credit = new Credit();
  #arrived: Uint8Array[] = [];
  #wake = Promise.withResolvers<void>();
  #readEnded = false;
  #writeEnded = false;
  #broken: { readonly error: unknown } | undefined;

  private constructor(channel: Channel, port: number) {
    this.#channel = channel;
    this.#port = port;
  }

  /** Returns once the program has been reached; throws what the channel throws before. */
  static async of(channel: Channel, port: number): Promise<PortConnection> {
    const answers = channel.answers[Symbol.asyncIterator]();
    const connection = new PortConnection(channel, port);
    for (;;) {
      const next = await answers.next();
      if (next.done === true) throw new ConnectionBroken({ port, problem: 'it ended before it began' });
      if (next.value.kind === 'connected') break;
      connection.#take(next.value);
    }
    void connection.#pump(answers);
    return connection;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const allowed = await this.#credit.take(Math.min(pieceBytes, bytes.length - at));
      this.#check();
      await this.#send({ kind: 'portData', data: bytes.subarray(at, at + allowed) });
      at += allowed;
    }
  }

  async end(): Promise<void> {
    if (this.#writeEnded) return;
    this.#writeEnded = true;
    this.#check();
    await this.#send({ kind: 'portEnd' });
  }

  close(): void {
    this.#channel.cancel();
    this.#arrived = [];
    this.#finish(undefined);
  }

  async #send(frame: Parameters<Channel['send']>[0]): Promise<void> {
    try {
      await this.#channel.send(frame);
    } catch (error) {
      throw this.#typed(error);
    }
  }

  async #pump(answers: AsyncIterator<Answer>): Promise<void> {
    try {
      for (let next = await answers.next(); next.done !== true; next = await answers.next()) this.#take(next.value);
      this.#finish(undefined);
    } catch (error) {
      this.#finish({ error: this.#typed(error) });
    }
  }

  #take(answer: Answer): void {
    if (answer.kind === 'credit') this.#credit.add(answer.bytes);
    if (answer.kind === 'portEnd') this.#readEnded = true;
    if (answer.kind === 'portData' && !this.#readEnded) this.#arrived.push(answer.data);
    this.#wake.resolve();
  }

  /** Both directions are over. What has arrived can still be read. */
  #finish(broken: { readonly error: unknown } | undefined): void {
    this.#broken ??= broken;
    this.#readEnded = true;
    this.#credit.close(broken?.error ?? new ConnectionBroken({ port: this.#port, problem: 'it has ended' }));
    this.#wake.resolve();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = 0;
    for (;;) {
      const pieces = this.#arrived;
      this.#arrived = [];
      for (const piece of pieces) {
        yield piece;
        taken += piece.length;
        if (taken < portWindow / 2) continue;
        this.#channel.credit(taken);
        taken = 0;
      }
      if (pieces.length > 0) continue;
      if (this.#broken !== undefined) throw this.#broken.error;
      if (this.#readEnded) return;
      this.#wake = Promise.withResolvers<void>();
      await this.#wake.promise;
    }
  }

  #check(): void {
    if (this.#broken !== undefined) throw this.#broken.error;
  }

  #typed(error: unknown): unknown {
    if (!(error instanceof StreamBroken) && !(error instanceof RunnerError)) return error;
    return new ConnectionBroken({ port: this.#port, problem: messageOf(error) }, { cause: error });
  }
}
