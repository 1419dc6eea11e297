/**
 * What is left of a manifest when everything of a wrong type is taken out of it: any part may be missing, and what is there has its
 * type. Rules across fields read this, so that one wrong field does not hide the problems of others.
 */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly (Loose<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;

/** The entries of a map whose values have their type. */
export function entriesOf<T>(map: { readonly [key: string]: T | undefined } | undefined): [string, T][] {
  return Object.entries(map ?? {}).filter((entry): entry is [string, T] => entry[1] !== undefined);
}
