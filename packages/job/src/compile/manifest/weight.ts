import { Lexer } from 'yaml';
import { maxDepth, maxTokens } from './limits.ts';

/**
 * Whether a text is more than a parser should be given, by its tokens alone: they come one by one, so that a bomb is known after its
 * first part, where the parser would take seconds and a gigabyte before it could say so.
 *
 * Depth is counted by brackets and by `- ? :` on one line. Nesting by indentation needs as many spaces as it is deep on each line, so it
 * stays small in a text of bounded length, and the parser's own limit is enough for it.
 */
export function weightOf(text: string): 'fine' | 'too deep' | 'too many' {
  let [tokens, brackets, onLine] = [0, 0, 0];
  let isContent = false;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > maxTokens) return 'too many';
    // What follows this mark is the text of a scalar, which may look like anything.
    if (isContent) isContent = false;
    else if (token === scalarFollows) isContent = true;
    else if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    // Between brackets a colon parts a key from its value, and JSON has all of them on one line.
    else if (brackets === 0 && (token === '-' || token === '?' || token === ':')) onLine += 1;
    else if (token.endsWith('\n')) onLine = 0;
    if (brackets > maxDepth || onLine > maxDepth) return 'too deep';
  }
  return 'fine';
}

/** The lexer's mark before the text of a plain or block scalar. */
const scalarFollows = '\u001f';
