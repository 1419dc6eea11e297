/** The way to a value: keys and places in lists. */
export type Path = readonly (string | number)[];

/** What is wrong with a value, to be read after its path, and what to write instead. */
export interface Wrong {
  readonly problem: string;
  readonly fix: string;
}

/** A problem with its place, before the value is put beside it. */
export interface Finding extends Wrong {
  readonly path: Path;
  /** Only a problem if nothing at or below the path was refused before: what was refused there may be what is missing. */
  readonly ifWhole?: true;
}

/** Says what is wrong with a text, if anything. Pure. */
export type Check = (text: string) => Wrong | undefined;

/**
 * What is left of a manifest when everything of a wrong type is taken out of it: any part may be missing, and what is there has its
 * type. Rules across fields read this, so that one wrong field does not hide the problems of others.
 */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly (Loose<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;

/** The finding that a check makes at a place, if any. */
export function checked(path: Path, value: string | undefined, check: Check): Finding[] {
  const wrong = value === undefined ? undefined : check(value);
  return wrong === undefined ? [] : [{ path, ...wrong }];
}

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

/** The entries of a map whose values have their type. */
export function entriesOf<T>(map: { readonly [key: string]: T | undefined } | undefined): [string, T][] {
  return Object.entries(map ?? {}).filter((entry): entry is [string, T] => entry[1] !== undefined);
}
