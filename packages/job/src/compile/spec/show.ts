import type { Path } from './finding.ts';
import { isNameOfSecret, mayBeSecret, shownKey, shownName } from './hidden.ts';
import { isMap } from './shape.ts';

const longestText = 60;
const longestKey = 80;

/**
 * `spec.volumeMounts[1].mountPath`; keys with other characters than letters, digits, `_` and `-` stand in quotes, and what of a key may be
 * a secret is cut.
 */
export function pathText(path: Path): string {
  return path
    .map((whole, index) => {
      if (typeof whole === 'number') return `[${whole}]`;
      const part = shownKey(path.slice(0, index), whole);
      if (!/^[A-Za-z0-9_-]{1,80}$/.test(part)) return `[${quoted(part, longestKey)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/**
 * A value for a message: short, on one line, without control characters. Maps and lists are not shown, nor is anything that is a secret
 * or that may hold one. Undefined: nothing is there, or nothing that would help.
 */
export function valueText(path: Path, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  if (mayBeSecret(path, value)) return '(hidden)';
  if (path[1] === 'configMaps') return undefined;
  if (typeof value === 'string') return quoted(isNameOfSecret(path) ? shownName(value) : value, longestText);
  return value === null || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `a ${typeof value}`;
}

/** A text in quotes, cut; what could confuse a terminal is written as an escape. */
export function quoted(text: string, most = longestKey): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return JSON.stringify(cut).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
