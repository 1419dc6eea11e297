import { ProtocolMismatch } from '../errors.ts';
import type { Answer } from '../wire/answer.ts';
import type { Request } from '../wire/request.ts';

/** What a request without a window may be answered with, and what may wait unread of answers that cost nothing. 1,024 commands take about 9 MiB. */
const mostFree = 16 * 1024 * 1024;
/** What an answer takes beside its payload, about. */
const bytesBeside = 64;

/**
 * What may still come on one channel. Anything may answer in place of the runner: whoever sends more than it was allowed is refused, as it
 * would fill this process's memory.
 */
export class Allowance {
  readonly #kind: Request['kind'];
  readonly #hasWindow: boolean;
  #credit: number;
  #free = 0;

  constructor(request: Request) {
    this.#kind = request.kind;
    this.#hasWindow = 'window' in request;
    this.#credit = 'window' in request ? request.window : 0;
  }

  add(bytes: number): void {
    this.#credit += bytes;
  }

  /** For an answer that has come with so many bytes of payload. Throws ProtocolMismatch where it is too much. */
  spend(answer: Answer, bytes: number): void {
    const cost = this.#costOf(answer, bytes);
    if (cost > 0) {
      // An entry of a listing may take more than there is, once there is any.
      const enough = answer.kind === 'entry' ? this.#credit > 0 : this.#credit >= cost;
      if (!enough) throw new ProtocolMismatch({ problem: `more came of an answer to ${this.#kind} than was allowed` });
      this.#credit -= cost;
    } else {
      this.#free += bytes + bytesBeside;
      if (this.#free > mostFree) throw new ProtocolMismatch({ problem: `the answer to ${this.#kind} has no end` });
    }
  }

  /** For one that was read. What has no window is short, and all of it counts. */
  read(answer: Answer, bytes: number): void {
    if (this.#hasWindow && this.#costOf(answer, bytes) === 0) this.#free -= bytes + bytesBeside;
  }

  /** Of the window. Data that is empty costs nothing of it, and takes its place all the same. */
  #costOf(answer: Answer, bytes: number): number {
    if ('data' in answer) return answer.data.byteLength;
    return answer.kind === 'entry' && this.#kind === 'list' ? bytes : 0;
  }
}
