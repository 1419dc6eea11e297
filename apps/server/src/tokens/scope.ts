/** What a token may do. `admin` is all of it; no other scope includes another one. */
export const scopes = [
  'environments:read',
  'environments:write',
  'pr-jobs:create',
  'pr-jobs:status',
  'pr-jobs:logs',
  'pr-jobs:cleanup',
  'sandboxes:read',
  'sandboxes:write',
  'admin',
] as const;

export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

/** Pure. */
export function grants(granted: readonly string[], needed: Scope): boolean {
  return granted.includes('admin') || granted.includes(needed);
}
