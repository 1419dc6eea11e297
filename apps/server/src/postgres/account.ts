import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** PostgreSQL refuses to run as root; it then runs as `nobody`, which every Linux has. */
const nobody = 65_534;

/** Whom the database runs as; undefined: as whoever runs the server. */
export function databaseAccount(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined;
}

/** The first folder on the way to `path` that other users may not enter, or undefined. */
export function closedFolder(path: string): string | undefined {
  const parent = dirname(path);
  if (parent === path) return undefined;
  const othersMayEnter = 0o001;
  return closedFolder(parent) ?? ((statSync(parent).mode & othersMayEnter) === 0 ? parent : undefined);
}
