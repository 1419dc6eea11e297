import { HEADER_BYTES } from './limits.ts';

const encoder = new TextEncoder();
const mostSafe = BigInt(Number.MAX_SAFE_INTEGER);
const most64 = 2n ** 64n - 1n;

/** Data of this size is not copied behind its header: that would cost more than to send the two one after the other. */
const apartBytes = 32 * 1024;
const noBytes = new Uint8Array();

/** One frame as it is written: room for the header first, then the payload. A number that does not fit is a mistake of the caller's. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafe(64);
  #at = HEADER_BYTES;
  #rest: Uint8Array = noBytes;

  u8(value: number): void {
    this.#room(1);
    this.#at = this.#bytes.writeUInt8(value, this.#at);
  }

  u16(value: number): void {
    this.#room(2);
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
  }

  u32(value: number): void {
    this.#room(4);
    this.#at = this.#bytes.writeUInt32BE(value, this.#at);
  }

  /** A whole number of 0 to 2^53 - 1. */
  u64(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no offset`);
    this.bits64(BigInt(value));
  }

  /** Signed, for times before 1970. */
  i64(value: number): void {
    const whole = BigInt(Math.trunc(value));
    if (whole > mostSafe || whole < -mostSafe) throw new RangeError(`${value} is no time`);
    this.bits64(BigInt.asUintN(64, whole));
  }

  bits64(value: bigint): void {
    if (value < 0n || value > most64) throw new RangeError(`${value} does not fit into 64 bits`);
    this.#room(8);
    this.#at = this.#bytes.writeBigUInt64BE(value, this.#at);
  }

  raw(value: Uint8Array): void {
    this.#room(value.byteLength);
    this.#bytes.set(value, this.#at);
    this.#at += value.byteLength;
  }

  text(value: string | Uint8Array): void {
    const bytes = typeof value === 'string' ? encoder.encode(value) : value;
    this.u32(bytes.byteLength);
    this.raw(bytes);
  }

  /** The last of a payload. It is not copied where it is large. */
  rest(value: Uint8Array): void {
    this.#rest = value;
  }

  /** The whole frame, in one part or two. */
  finish(type: number, channel: number): readonly [Uint8Array, Uint8Array?] {
    const rest = this.#rest;
    const length = this.#at - HEADER_BYTES + rest.byteLength;
    if (rest.byteLength < apartBytes) this.raw(rest);
    this.#bytes.writeUInt32BE(length, 0);
    this.#bytes.writeUInt8(type, 4);
    this.#bytes.writeUInt32BE(channel, 5);
    const head = this.#bytes.subarray(0, this.#at);
    return rest.byteLength < apartBytes ? [head] : [head, rest];
  }

  #room(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.byteLength) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.byteLength));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}
