import type { Answer } from '../../src/wire/answer.ts';
import type { Request } from '../../src/wire/request.ts';
import type { Turn } from './scripted-runner.ts';
import { entry } from './scripted-runner.ts';

interface Sending {
  readonly turn: Turn;
  readonly data: Uint8Array;
  at: number;
  credit: number;
}

type Facts = NonNullable<Parameters<typeof entry>[1]>;

/** Answers READ with a file's content, never a byte more than the client has allowed. */
export class ServedFile {
  readonly #sending = new Map<number, Sending>();
  readonly content: Uint8Array;
  /** Of ENTRY. Default: the content's size, version 1. */
  facts: Facts;
  /** Asked before each piece, with how many bytes this channel has sent: whether to cut the stream here. */
  cutsAt: (sent: number) => boolean = () => false;

  constructor(content: Uint8Array, facts: Facts = {}) {
    this.content = content;
    this.facts = { size: content.length, ...facts };
  }

  /** Whether the request was for it. */
  take(request: Request, turn: Turn): boolean {
    if (request.kind === 'read') {
      turn.answer(entry(request.path, this.facts));
      const data = this.content.subarray(request.from);
      this.#sending.set(turn.channel, { turn, data, at: 0, credit: request.window });
      this.#send(turn.channel);
      return true;
    }
    const sending = this.#sending.get(turn.channel);
    if (request.kind === 'cancel') this.#sending.delete(turn.channel);
    if (sending === undefined || request.kind !== 'credit') return request.kind === 'cancel';
    sending.credit += request.bytes;
    this.#send(turn.channel);
    return true;
  }

  #send(channel: number): void {
    for (;;) {
      const sending = this.#sending.get(channel);
      if (sending === undefined) return;
      const data = sending.data.subarray(sending.at, sending.at + Math.min(16_384, sending.credit));
      if (sending.at === sending.data.length) {
        this.#sending.delete(channel);
        return sending.turn.end();
      }
      if (data.length === 0) return;
      if (this.cutsAt(sending.at)) {
        this.#sending.clear();
        return sending.turn.cut();
      }
      sending.at += data.length;
      sending.credit -= data.length;
      const answer: Answer = { kind: 'data', data };
      sending.turn.answer(answer);
    }
  }
}
