/**
 * Whether what is there says all that is wanted. The cluster writes its defaults beside it, which is no difference; in a list every
 * element counts, and their order. Pure.
 */
export function covers(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(present) &&
      present.length === wanted.length &&
      wanted.every((element, at) => covers(present[at], element))
    );
  if (typeof wanted !== 'object' || wanted === null) return present === wanted;
  if (typeof present !== 'object' || present === null || Array.isArray(present)) return false;
  const found = present as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([key, value]) => value === undefined || covers(found[key], value));
}
