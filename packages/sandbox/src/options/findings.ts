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

/** A short form of any value for a message, in which nothing can break a line. */
export function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** What callers without types may pass in the place of an object: nothing is read from it then. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
