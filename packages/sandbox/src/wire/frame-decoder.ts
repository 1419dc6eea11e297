import { ProtocolMismatch } from '../errors.ts';
import { HEADER_BYTES } from './limits.ts';

export interface Frame {
  readonly type: number;
  readonly channel: number;
  /** May be a view into what was pushed: copy it before the buffer is used again. */
  readonly payload: Uint8Array;
}

/** Cuts a stream of bytes into frames, however the bytes were cut on their way. */
export class FrameDecoder {
  readonly #most: number;
  readonly #inPieces: ReadonlySet<number>;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerHas = 0;
  #payload: Uint8Array | undefined;
  #payloadHas = 0;

  /**
   * `most` bytes of payload in one frame. Frames of the types `inPieces`, whose payload is a part of a longer text anyhow, come as several where
   * their bytes do: to put them together would only cost a copy.
   */
  constructor(most: number, inPieces: Iterable<number> = []) {
    this.#most = most;
    this.#inPieces = new Set(inPieces);
  }

  /** Whether the stream may end here: not within a frame. */
  get between(): boolean {
    return this.#headerHas === 0;
  }

  /** The frames that are whole now. Throws ProtocolMismatch for one over the limit, before anything is set aside for it. */
  *push(bytes: Uint8Array): Generator<Frame, void, undefined> {
    let rest = bytes;
    while (rest.byteLength > 0) {
      if (this.#headerHas < HEADER_BYTES) rest = this.#takeHeader(rest);
      if (this.#headerHas < HEADER_BYTES) return;
      const length = this.#length();
      const missing = length - this.#payloadHas;
      if (this.#payload === undefined && rest.byteLength >= missing) {
        yield this.#frame(rest.subarray(0, missing));
        rest = rest.subarray(missing);
        continue;
      }
      if (this.#inPieces.has(this.#type())) {
        this.#payloadHas += rest.byteLength;
        if (rest.byteLength > 0) yield this.#piece(rest);
        return;
      }
      this.#payload ??= new Uint8Array(length);
      rest = this.#takePayload(this.#payload, rest);
      if (this.#payloadHas === length) yield this.#frame(this.#payload);
    }
  }

  #takeHeader(bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, HEADER_BYTES - this.#headerHas);
    this.#header.set(taken, this.#headerHas);
    this.#headerHas += taken.byteLength;
    return bytes.subarray(taken.byteLength);
  }

  #takePayload(payload: Uint8Array, bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, payload.byteLength - this.#payloadHas);
    payload.set(taken, this.#payloadHas);
    this.#payloadHas += taken.byteLength;
    return bytes.subarray(taken.byteLength);
  }

  #length(): number {
    const length = this.#header.readUInt32BE(0);
    if (length <= this.#most) return length;
    throw new ProtocolMismatch({ problem: `a frame of ${length} bytes is over the limit of ${this.#most}` });
  }

  #type(): number {
    return this.#header.readUInt8(4);
  }

  #piece(payload: Uint8Array): Frame {
    return { type: this.#type(), channel: this.#header.readUInt32BE(5), payload };
  }

  #frame(payload: Uint8Array): Frame {
    this.#headerHas = 0;
    this.#payload = undefined;
    this.#payloadHas = 0;
    return this.#piece(payload);
  }
}
