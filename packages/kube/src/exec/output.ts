/** Bytes on their way to one reader. */
export interface Output {
  readonly readable: AsyncIterable<Uint8Array>;
  push(bytes: Uint8Array): void;
  /** After what was pushed it ends, or throws `problem`. Only the first end counts. */
  end(problem?: Error): void;
  /** It ends at once; what was pushed is forgotten. */
  discard(problem?: Error): void;
}

/** The source is held back when so much waits for the reader, and let go again when so little does. */
const highBytes = 256 * 1024;
const lowBytes = 64 * 1024;
/** What a piece costs beside its bytes: many small ones would fill the memory as well. */
const costOfOne = 128;

/** `hold` is called when the reader is slow, `release` when it has caught up; in turns. */
export function createOutput(source: { hold(): void; release(): void }): Output {
  let pieces: Uint8Array[] = [];
  let next = 0;
  let waitingBytes = 0;
  let held = false;
  let over: { readonly problem: Error | undefined } | undefined;
  let wake: (() => void) | undefined;

  const awaken = () => {
    wake?.();
    wake = undefined;
  };
  const take = (): Uint8Array | undefined => {
    const piece = pieces[next];
    if (piece === undefined) return undefined;
    next += 1;
    if (next === pieces.length) [pieces, next] = [[], 0];
    waitingBytes -= piece.byteLength + costOfOne;
    if (held && waitingBytes <= lowBytes) {
      held = false;
      source.release();
    }
    return piece;
  };
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const piece = take();
      if (piece !== undefined) yield piece;
      else if (over === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if (over.problem === undefined) return;
      else throw over.problem;
    }
  }
  const end = (problem?: Error) => {
    over ??= { problem };
    awaken();
  };

  return {
    readable: read(),
    push: (bytes) => {
      if (over !== undefined || bytes.byteLength === 0) return;
      pieces.push(bytes);
      waitingBytes += bytes.byteLength + costOfOne;
      awaken();
      if (held || waitingBytes < highBytes) return;
      held = true;
      source.hold();
    },
    end,
    discard: (problem) => {
      [pieces, next, waitingBytes] = [[], 0, 0];
      end(problem);
    },
  };
}
