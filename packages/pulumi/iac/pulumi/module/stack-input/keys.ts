import type { Problem } from '@ephemera/job/compile';
import { word } from '../quoted.ts';

/** A reader of one mapping whose keys may be in snake_case or camelCase; it notes what is wrong and goes on. */
export interface Keys {
  /** The value under a key, given in snake_case. Undefined where there is none, or null. */
  value(key: string): unknown;
  /** The same, as text; an empty text counts as none. */
  text(key: string): string | undefined;
  /** The same, as a mapping, which is then read by its own reader. */
  mapping(key: string): Readonly<Record<string, unknown>> | undefined;
}

/** Notes keys that are not known, and keys that stand there in both spellings. Values are never quoted: they may be secrets. */
export function keysOf(
  mapping: Readonly<Record<string, unknown>>,
  { path, known, problems }: { path: string; known: readonly string[]; problems: Problem[] },
): Keys {
  const spelled = new Map<string, string[]>();
  for (const key of Object.keys(mapping)) {
    const name = snake(key);
    if (known.includes(name)) spelled.set(name, [...(spelled.get(name) ?? []), key]);
    else problems.push({ path: join(path, key), problem: 'is not a known key', fix: `Known are ${known.join(', ')}.` });
  }
  for (const [name, keys] of spelled) {
    if (keys.length > 1) {
      problems.push({ path: join(path, name), problem: `is given twice, as ${keys.join(' and ')}`, fix: 'Keep one.' });
    }
  }
  const value = (key: string) => mapping[spelled.get(key)?.[0] ?? ''] ?? undefined;
  return {
    value,
    text: (key) => {
      const found = value(key);
      if (found === undefined || typeof found === 'string') return found === '' ? undefined : found;
      problems.push({ path: join(path, key), problem: 'is not text', fix: 'Give its text, in quotation marks.' });
      return undefined;
    },
    mapping: (key) => {
      const found = value(key);
      if (found === undefined || isMapping(found)) return found;
      problems.push({ path: join(path, key), problem: 'is not a mapping', fix: 'Give keys and values.' });
      return undefined;
    },
  };
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function join(path: string, key: string): string {
  return path === '' ? word(key) : `${path}.${word(key)}`;
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
