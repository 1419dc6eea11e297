type Defined<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> };

/** A copy without the keys that hold undefined: such a key and no key are the same to users, and not to comparisons. */
export function defined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
