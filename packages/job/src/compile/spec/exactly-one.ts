import type { Finding, Path } from './finding.ts';

/** The keys of an object that have a value. */
export function present<Key extends string>(object: { readonly [key in Key]?: unknown }, keys: readonly Key[]): Key[] {
  return keys.filter((key) => object[key] !== undefined);
}

/** The finding for an object of which exactly one key of several has to be set. */
export function exactlyOne<Key extends string>(
  path: Path,
  object: { readonly [key in Key]?: unknown },
  keys: readonly Key[],
): Finding[] {
  const set = present(object, keys);
  if (set.length === 1) return [];
  if (set.length === 0) {
    return [{ path, problem: 'has no source', fix: `Set exactly one of ${keys.join(', ')}.`, ifWhole: true }];
  }
  return [{ path, problem: `has several sources: ${set.join(', ')}`, fix: 'Keep exactly one of them.' }];
}
