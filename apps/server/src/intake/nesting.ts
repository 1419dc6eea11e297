/** GitHub's payloads are nested less than ten deep. */
export const deepestNesting = 100;

const quote = 0x22;
const backslash = 0x5c;
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Whether JSON text is nested deeper than `deepest`, without parsing it. Parsing 5 MB of brackets takes most of a second and 200 MB;
 * reading past them takes some milliseconds and no memory. Pure; what is no JSON at all is left to the parser.
 */
export function isNestedDeeper(text: Uint8Array, deepest: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const byte = text[index] ?? 0;
    if (byte === quote) inString = !inString;
    else if (inString) index += byte === backslash ? 1 : 0;
    else if (opening.has(byte)) depth += 1;
    else if (closing.has(byte)) depth -= 1;
    if (depth > deepest) return true;
  }
  return false;
}
