import { ProtocolMismatch } from '../errors.ts';

// Without ignoreBOM the first character of a file or an output would be swallowed where it is a byte order mark.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const mostSafe = BigInt(Number.MAX_SAFE_INTEGER);
/** What a Date can hold, so that no time out of a sandbox can make `toISOString` throw. */
const mostMs = 8_640_000_000_000_000n;

/** The payload of one frame as it is read. Throws ProtocolMismatch where it is shorter than it has to be. */
export class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.byteLength - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u64(): number {
    const value = this.bits64();
    if (value > mostSafe) throw new ProtocolMismatch({ problem: `the number ${value} is too big` });
    return Number(value);
  }

  /** The size of something that a program in the sandbox made up: what is too big for a number becomes the biggest one. */
  size(): number {
    const value = this.bits64();
    return value > mostSafe ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  /** Milliseconds since 1970, negative before, never beyond what a Date holds. */
  moment(): number {
    const value = this.#view.getBigInt64(this.#take(8));
    if (value > mostMs) return Number(mostMs);
    return value < -mostMs ? Number(-mostMs) : Number(value);
  }

  bits64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.raw(this.left);
  }

  end(): void {
    if (this.left > 0) throw new ProtocolMismatch({ problem: `a frame has ${this.left} bytes too many` });
  }

  #take(length: number): number {
    if (length > this.left)
      throw new ProtocolMismatch({ problem: `a frame ends ${length - this.left} bytes too soon` });
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
