import { isMap } from './shape.ts';
import type { Path } from './finding.ts';

const longestText = 60;
const longestKey = 80;
const secretsPath: Path = ['spec', 'env', 'secrets'];

/** `spec.volumeMounts[1].mountPath`; keys with other characters than letters, digits, `_` and `-` stand in quotes. */
export function pathText(path: Path): string {
  return path
    .map((whole, index) => {
      if (typeof whole === 'number') return `[${whole}]`;
      // `API_KEY=…` as a name has the secret in it.
      const part = index === secretsPath.length && mayBeSecret(path) ? whole.replace(/=.*/s, '=…') : whole;
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
  if (mayBeSecret(path)) return '(hidden)';
  if (path[1] === 'configMaps') return undefined;
  if (typeof value === 'string') return quoted(value, longestText);
  return value === null || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `a ${typeof value}`;
}

/** A text in quotes, cut; what could confuse a terminal is written as an escape. */
export function quoted(text: string, most = longestKey): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return JSON.stringify(cut).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Literal secrets, and texts at places above them: whoever writes `env: KEY=…` has put a secret there. */
function mayBeSecret(path: Path): boolean {
  if (path.length <= secretsPath.length) return path.every((part, index) => part === secretsPath[index]);
  if (!secretsPath.every((part, index) => part === path[index])) return false;
  const [entry, part, ...rest] = path.slice(secretsPath.length);
  if (part === 'secretRef' || part === 'valueFrom') return rest.length === 0;
  return !(typeof entry === 'number' && part === 'name');
}
