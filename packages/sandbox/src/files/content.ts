/** What is written: in pieces, and whether it can be had from its beginning again. */
export interface Content {
  pieces(): AsyncIterable<Uint8Array>;
  /** Whether `pieces` may be called again. */
  readonly again: boolean;
  /** In bytes, where it is known before. */
  readonly size: number | undefined;
  /** Tells a source that nobody reads on. Never throws. */
  close?(): void;
}

/** Bytes of one frame: large enough for full speed, small enough that the commands on the same stream do not wait for it. */
export const pieceBytes = 256 * 1024;
/** How much of a stream is kept so that it can be sent again. */
const mostKept = 4 * 1024 * 1024;

export function contentOf(content: string | Uint8Array | AsyncIterable<Uint8Array>): Content {
  if (typeof content === 'string') return bytesContent(Buffer.from(content, 'utf8'));
  return content instanceof Uint8Array ? bytesContent(content) : new StreamContent(content);
}

function bytesContent(bytes: Uint8Array): Content {
  return {
    async *pieces() {
      yield* cut(bytes);
    },
    again: true,
    size: bytes.byteLength,
  };
}

/** A stream that is read once. Its first bytes are kept: as long as they are all of it, it can be had again. */
class StreamContent implements Content {
  readonly #source: AsyncIterator<Uint8Array>;
  #coming: Promise<IteratorResult<Uint8Array, unknown>> | undefined;
  #reader = 0;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  again = true;
  readonly size = undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#reader += 1;
    const reader = this.#reader;
    for (const piece of this.#kept) yield* cut(piece);
    for (;;) {
      this.#coming ??= this.#source.next();
      const next = await this.#coming;
      // The stream broke while this waited, and somebody else sends from the beginning: the piece is theirs.
      if (reader !== this.#reader) return;
      this.#coming = undefined;
      if (next.done === true) return;
      this.#keep(next.value);
      yield* cut(next.value);
    }
  }

  /** Its next piece may be long in coming, or never come: nobody waits for that. */
  close(): void {
    this.#source.return?.().catch(() => undefined);
  }

  #keep(piece: Uint8Array): void {
    if (!this.again) return;
    this.#keptBytes += piece.length;
    this.again = this.#keptBytes <= mostKept;
    // A copy: whoever gives pieces may use their memory again for the next one.
    if (this.again) this.#kept.push(Uint8Array.from(piece));
    else this.#kept = [];
  }
}

function* cut(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
