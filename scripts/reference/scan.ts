const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

/** Where the bracket at `start` is closed; strings, templates and brackets inside are stepped over. Pure. */
export function closingAt(text: string, start: number): number {
  const closing = CLOSING[text.charAt(start)];
  for (let at = start + 1; at < text.length; at = after(text, at)) {
    if (text.charAt(at) === closing) return at;
  }
  throw new Error(`the bracket is not closed: ${text.slice(start, start + 60)}`);
}

/** The parts between separators that stand in no string, template or bracket; empty ones are left out. Pure. */
export function splitAt(text: string, separator: ',' | '?' | ':'): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at = after(text, at)) {
    // `??`, `?.` and `?:` are other words.
    if (text.charAt(at) !== separator || (separator === '?' && !/^\?\s/.test(text.slice(at)))) continue;
    if (separator === '?' && text.charAt(at - 1) === '?') continue;
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)].map((part) => part.trim()).filter((part) => part !== '');
}

/** Where the next thing begins: after a string, a template or a bracketed part as a whole, else one character on. */
function after(text: string, at: number): number {
  const character = text.charAt(at);
  if (character in CLOSING) return closingAt(text, at) + 1;
  if (character === "'" || character === '"' || character === '`') return endOfString(text, at) + 1;
  return at + 1;
}

function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === quote) return at;
    if (character === '\\') at += 1;
    else if (quote === '`' && text.startsWith('${', at)) at = closingAt(text, at + 1);
  }
  throw new Error(`the string is not closed: ${text.slice(start, start + 60)}`);
}
