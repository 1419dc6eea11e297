import { Transform } from 'node:stream';

export type LineLimit = { readonly cutAfterLines: number } | { readonly freezeAfterLines: number };

/** Passes bytes on; with a limit, only so many lines, and then either half of the next one and `cut`, or nothing for ever. */
export function throttledLines(limit: LineLimit | undefined, cut: () => void): Transform {
  let left = limit === undefined ? Infinity : 'cutAfterLines' in limit ? limit.cutAfterLines : limit.freezeAfterLines;
  const cuts = limit !== undefined && 'cutAfterLines' in limit;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (left === Infinity) return done(null, chunk);
      const end = endOfLines(chunk, left);
      left -= linesIn(chunk.subarray(0, end));
      if (left > 0 || !cuts) return done(null, chunk.subarray(0, end));
      const rest = chunk.length - end;
      // The cut waits for a line that it can cut in two: a stream that ends between two lines may have ended as it should.
      if (rest === 0) return done(null, chunk);
      this.push(chunk.subarray(0, end + Math.ceil(rest / 2)));
      setImmediate(cut);
    },
    // A frozen stream has no end either.
    flush(done) {
      if (left > 0) done();
      else if (cuts) cut();
    },
  });
}

const newline = 0x0a;

function endOfLines(chunk: Buffer, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line += 1) {
    const at = chunk.indexOf(newline, end);
    if (at === -1) return chunk.length;
    end = at + 1;
  }
  return end;
}

function linesIn(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) lines += 1;
  return lines;
}
