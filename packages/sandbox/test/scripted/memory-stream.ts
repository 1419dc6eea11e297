import type { ByteStream } from '../../src/host.ts';

/** One direction of a stream in memory. Who writes waits while so much has not been read. */
class MemoryPipe {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #over: { readonly error: Error | undefined } | undefined;
  #changed = Promise.withResolvers<void>();
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#over !== undefined) throw this.#over.error ?? new Error('the other side has closed the stream');
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    this.#change();
    while (this.#bytes > this.#room && this.#over === undefined) await this.#changed.promise;
  }

  end(error?: Error): void {
    this.#over ??= { error };
    this.#change();
  }

  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#bytes -= piece.length;
        this.#change();
        yield piece;
        continue;
      }
      if (this.#over?.error !== undefined) throw this.#over.error;
      if (this.#over !== undefined) return;
      await this.#changed.promise;
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** Both ends of a stream in memory. */
export function memoryStream(room = 64 * 1024): readonly [ByteStream, ByteStream] {
  const there = new MemoryPipe(room);
  const back = new MemoryPipe(room);
  const end = (reads: MemoryPipe, writes: MemoryPipe): ByteStream => ({
    readable: reads.read(),
    write: (bytes) => writes.write(bytes),
    close: () => {
      reads.end();
      writes.end();
    },
  });
  return [end(back, there), end(there, back)];
}
