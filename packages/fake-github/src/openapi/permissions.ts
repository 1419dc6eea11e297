import { at, description, type Json } from './description.ts';

/** The levels that a right has, undefined where GitHub knows no such right. */
export function levelsOf(permission: string): readonly string[] | undefined {
  const known = at(description(), ['components', 'schemas', 'app-permissions', 'properties']) as Json;
  if (!Object.hasOwn(known, permission)) return undefined;
  return (known[permission] as { enum?: readonly string[] }).enum;
}
