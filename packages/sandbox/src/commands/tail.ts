import { OutputLost } from '../errors.ts';
import type { CommandOutput } from '../commands-api.ts';

const leastBlock = 1024;
const mostBlock = 64 * 1024;

interface Block {
  readonly bytes: Uint8Array;
  used: number;
}

/** The last bytes of one stream, in blocks: output that comes byte by byte costs no more than what comes at once. */
export class Tail {
  readonly #stream: 'stdout' | 'stderr';
  readonly #most: number;
  #blocks: Block[] = [];
  #kept = 0;
  #lost: { readonly from: number; readonly to: number } | undefined;

  constructor(stream: 'stdout' | 'stderr', most: number) {
    this.#stream = stream;
    this.#most = most;
  }

  add(bytes: Uint8Array): void {
    let rest = bytes.byteLength > this.#most ? bytes.subarray(bytes.byteLength - this.#most) : bytes;
    while (rest.byteLength > 0) {
      const block = this.#room(rest.byteLength);
      const taken = rest.subarray(0, block.bytes.byteLength - block.used);
      block.bytes.set(taken, block.used);
      block.used += taken.byteLength;
      this.#kept += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
    }
    this.#dropOld();
  }

  /** These came never: what is before them is no tail any more. */
  skip(from: number, to: number): void {
    this.#blocks = [];
    this.#kept = 0;
    this.#lost = { from, to };
  }

  /** `total`: how many bytes the stream had. Throws OutputLost where some of the last ones are missing. */
  output(total: number): CommandOutput {
    const kept = Buffer.concat(this.#blocks.map(({ bytes, used }) => bytes.subarray(0, used)));
    const wanted = Math.min(total, this.#most);
    if (kept.byteLength < wanted)
      throw new OutputLost({ stream: this.#stream, ...(this.#lost ?? { from: 0, to: total }) });
    return { bytes: new Uint8Array(kept.subarray(kept.byteLength - wanted)), total, truncated: wanted < total };
  }

  /** At most so many of the last bytes that there are, for messages. */
  end(most: number): string {
    return textOf(Buffer.concat(this.#blocks.map(({ bytes, used }) => bytes.subarray(0, used))).subarray(-most), true);
  }

  #room(wanted: number): Block {
    const last = this.#blocks.at(-1);
    if (last && last.used < last.bytes.byteLength) return last;
    const size = Math.max(leastBlock, Math.min(mostBlock, Math.max(wanted, 2 * (last?.bytes.byteLength ?? 0))));
    const block = { bytes: new Uint8Array(size), used: 0 };
    this.#blocks.push(block);
    return block;
  }

  #dropOld(): void {
    let first = this.#blocks[0];
    while (first && this.#kept - first.used >= this.#most) {
      this.#kept -= first.used;
      this.#blocks.shift();
      first = this.#blocks[0];
    }
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** As UTF-8. What was cut off at its beginning takes the rest of its character with it. */
export function textOf(bytes: Uint8Array, cut: boolean): string {
  const whole = cut ? bytes.findIndex((byte) => (byte & 0xc0) !== 0x80) : 0;
  return decoder.decode(whole > 0 && whole < 4 ? bytes.subarray(whole) : bytes);
}
