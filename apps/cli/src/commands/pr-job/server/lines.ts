export interface Line {
  readonly text: string;
  /** The line is longer than this part, and the next one goes on with it. */
  readonly continues: boolean;
}

/** The lines of a text that comes in pieces, without their ends; a carriage return is no end. None is held that is longer than `longest`. */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  longest: number,
): AsyncGenerator<Line, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const texts = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) yield { text, continues: false };
    if (rest.length <= longest) continue;
    yield { text: rest, continues: true };
    rest = '';
  }
  rest += decoder.decode();
  if (rest !== '') yield { text: rest, continues: false };
}
