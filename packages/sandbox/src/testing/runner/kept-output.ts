interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What one stream of a command has written, as far as it is still kept. */
export class KeptOutput {
  /** Bytes written in all. */
  total = 0;
  #pieces: Piece[] = [];

  /** Where what is kept begins. */
  get start(): number {
    return this.#pieces[0]?.offset ?? this.total;
  }

  get size(): number {
    return this.total - this.start;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push({ offset: this.total, bytes });
    this.total += bytes.length;
  }

  /** So many bytes came for which there was no room; what was kept before is given up for it. */
  lose(bytes: number): void {
    this.#pieces = [];
    this.total += bytes;
  }

  /** Keeps the last so many bytes. */
  trim(most: number): void {
    if (this.size <= most) return;
    const start = this.total - most;
    const whole = this.#pieces.findIndex(({ offset, bytes }) => offset + bytes.length > start);
    this.#pieces = whole === -1 ? [] : this.#pieces.slice(whole);
    const [first] = this.#pieces;
    if (first === undefined || first.offset >= start) return;
    this.#pieces[0] = { offset: start, bytes: first.bytes.subarray(start - first.offset) };
  }

  /** The next bytes from there, at most so many; empty where nothing is there yet. `from` has to be kept. */
  read(from: number, most: number): Uint8Array {
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#pieces[middle]?.offset ?? 0) <= from) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low];
    return piece?.bytes.subarray(from - piece.offset, from - piece.offset + most) ?? new Uint8Array();
  }
}
