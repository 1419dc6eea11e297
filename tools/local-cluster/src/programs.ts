import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** System programs live in these folders on every distribution, also where PATH of a plain user misses them. */
const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The path of a program of this machine, or undefined. */
export async function findProgram(name: string, folders: readonly string[] = []): Promise<string | undefined> {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...path, ...usual, ...folders]) {
    const candidate = join(folder, name);
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return undefined;
}
