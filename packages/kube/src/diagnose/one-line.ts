import { stripVTControlCharacters } from 'node:util';

/** Long enough for what a scheduler says about a large cluster, short enough for a terminal and a row of a database. */
export const maxLength = 1000;
/** What may stand inside of a sentence, so that its end is still there. */
const maxPart = 700;

/** Text of strangers on one line, without what a terminal would obey, and cut where it is too long. */
export function oneLine(text: string, most: number = maxPart): string {
  // Cut twice: a message of megabytes is not worth the time of the patterns.
  const line = stripVTControlCharacters(text.slice(0, most * 8))
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .toWellFormed();
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}

/** As the end of a sentence: the texts of the cluster have a full stop, or not. */
export function fullStop(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
