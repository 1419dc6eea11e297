import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Source {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** What git knows or would add: no dependencies, nothing ignored. Deleted files that git still lists are left out. */
export async function sources(root: string, wanted: (path: string) => boolean): Promise<readonly Source[]> {
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const paths = [...new Set(stdout.split('\0'))].filter((path) => path !== '' && wanted(path)).toSorted();
  const read = await Promise.all(paths.map((path) => readSource(root, path)));
  return read.filter((source) => source !== undefined);
}

async function readSource(root: string, path: string): Promise<Source | undefined> {
  try {
    return { path, text: await readFile(join(root, path), 'utf8') };
  } catch (error) {
    // Deleted but still listed, or a link to a folder.
    if (['ENOENT', 'EISDIR'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}

export const isScript = (path: string): boolean => /\.(ts|tsx|mts|mjs)$/.test(path);
export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path) || /(^|\/)test\//.test(path);
