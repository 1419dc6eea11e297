/** How much of a stream's end is searched: a pattern may match across lines and pieces, but memory is bounded. */
const window = 64 * 1024;

export interface LogMatch {
  readonly stream: 'stdout' | 'stderr';
  /** What the pattern matched, and its groups where it is a regular expression. */
  readonly text: string;
  readonly groups: readonly (string | undefined)[];
}

/**
 * Searches one stream for a pattern while it comes in pieces, cut anywhere, also inside of a character.
 * Of a regular expression the flags `g` and `y` do not count, and one match is at most 64 Ki characters long.
 */
export class LogSearch {
  readonly #pattern: RegExp | string;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(pattern: RegExp | string) {
    this.#pattern =
      typeof pattern === 'string' ? pattern : new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  }

  /** The end of what was searched, for messages. */
  get last(): string {
    return this.#text;
  }

  /** Undefined while there is no match. */
  take(bytes: Uint8Array): readonly (string | undefined)[] | undefined {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const found = this.#find();
    if (this.#text.length > window) this.#text = kept(this.#text);
    return found;
  }

  #find(): readonly (string | undefined)[] | undefined {
    if (typeof this.#pattern !== 'string') return this.#pattern.exec(this.#text) ?? undefined;
    return this.#text.includes(this.#pattern) ? [this.#pattern] : undefined;
  }
}

/** From the start of a line where there is one, so that `^` does not match in the middle of it. */
function kept(text: string): string {
  const end = text.slice(-window);
  const line = end.indexOf('\n');
  return line === -1 || line > window / 2 ? end : end.slice(line + 1);
}
