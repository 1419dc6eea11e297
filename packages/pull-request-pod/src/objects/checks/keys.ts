import { nearest } from '@ephemera/job/compile';
import { hasControl, type Problems } from './problem.ts';

interface Place<Key> {
  /** Empty for the order itself. */
  readonly path: string;
  readonly keys: readonly Key[];
}

const longestShown = 40;

/** The fields of an object; keys that nobody knows are noted, each with the one that was probably meant. */
export function knownKeys<Key extends string>(
  problems: Problems,
  value: unknown,
  { path, keys }: Place<Key>,
): Readonly<Partial<Record<Key, unknown>>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return problems.add(path === '' ? 'the order' : path, {
      problem: 'is not an object',
      fix: `Write an object with ${keys.join(', ')}.`,
    });
  for (const key of Object.keys(value).filter((name) => !(keys as readonly string[]).includes(name))) {
    const meant = nearest(key, keys);
    const fix = meant === undefined ? `Known: ${keys.join(', ')}.` : `Did you mean ${meant}?`;
    problems.add(path === '' ? shown(key) : `${path}.${shown(key)}`, { problem: 'is not known', fix });
  }
  return value as Readonly<Partial<Record<Key, unknown>>>;
}

/** A key comes from anywhere: it may be long, hold a secret's text by mistake, or control a terminal. */
function shown(key: string): string {
  return key.length > longestShown || key === '' || hasControl(key) ? '(a key)' : key;
}
