import { nearest } from '@ephemera/job/compile';
import type { Problem } from '../errors.ts';

/** Collects what is wrong, so that all of it is told at once. */
export interface Findings {
  readonly problems: readonly Problem[];
  add(path: string, problem: string, fix: string): void;
}

export function findings(): Findings {
  const problems: Problem[] = [];
  return { problems, add: (path, problem, fix) => void problems.push({ path, problem, fix }) };
}

/** A short form of any value for a message, in which nothing can break a line, or change how the rest of it is shown. */
export function shown(value: unknown): string {
  const text = textOf(value).replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  );
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function textOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // It contains itself, or something that has no text.
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}

/** What nobody reads was meant for something: an `exept` that is passed over opens what it should have closed. */
export function checkKeys(
  found: Findings,
  path: string,
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  for (const [key, given] of Object.entries(value)) {
    if (given === undefined || known.includes(key)) continue;
    const near = nearest(key, known);
    const called = /^[\w-]{1,60}$/.test(key) ? key : shown(key);
    const fix = near === undefined ? `use ${known.join(', ')}.` : `did you mean ${near}?`;
    found.add(path === '' ? called : `${path}.${called}`, 'is not a known key', fix);
  }
}

/** What callers without types may pass in the place of an object: nothing is read from it then. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
