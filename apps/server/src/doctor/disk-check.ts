import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Settings } from '../settings.ts';
import type { Verdict } from './check.ts';

const mebi = 1024 * 1024;
/** PostgreSQL keeps up to 1 GiB of its log for itself; with less than the second figure it is about to stop. */
const comfortable = 1024 * mebi;
const least = 200 * mebi;

/** Room on the disk of the embedded database. */
export async function checkDisk({ DATABASE_URL: url, dataDir }: Settings): Promise<Verdict> {
  if (url !== undefined) return { ok: true, detail: 'no data of the server is on this machine (DATABASE_URL is set)' };
  const folder = nearestFolder(resolve(dataDir));
  const { bavail, bsize } = await statfs(folder);
  return judgeSpace(bavail * bsize, dataDir);
}

/** Pure. */
export function judgeSpace(freeBytes: number, dataDir: string): Verdict {
  const detail = `${Math.floor(freeBytes / mebi)} MiB are free for ${dataDir}`;
  if (freeBytes >= comfortable) return { ok: true, detail };
  return {
    ok: freeBytes < least ? false : null,
    detail,
    hint: 'Make room on that disk, or point DATA_DIR at a larger one: without room the database stops.',
  };
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}
