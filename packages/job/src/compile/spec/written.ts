import type { Path } from './finding.ts';

/*
 * `tag: 1.10` is the number 1.1 as soon as it is read, and a message about 1.1 would speak of what nobody wrote. So the reader leaves
 * beside a manifest how its numbers were written, and messages look there. A manifest that comes from a program has none.
 */
const written = new WeakMap<object, ReadonlyMap<string, string>>();

/** How numbers were written, by the `placeKey` of their paths. */
export type Written = ReadonlyMap<string, string>;

export function keepWritten(manifest: unknown, numbers: Written): void {
  if (numbers.size > 0 && typeof manifest === 'object' && manifest !== null) written.set(manifest, numbers);
}

/** The number as it was written, if another text than JavaScript's stands there and it is still this number. */
export function writtenNumber(manifest: unknown, path: Path, value: number): string | undefined {
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  const text = written.get(manifest)?.get(placeKey(path));
  return text !== undefined && Number(text) === value ? text : undefined;
}

/** One for both spellings of a key. */
export function placeKey(path: Path): string {
  return JSON.stringify(path.map((part) => (typeof part === 'string' ? part.replaceAll('_', '').toLowerCase() : part)));
}
