import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { run } from '../command.ts';
import { LibraryNotFound } from '../errors.ts';
import type { TarEntry } from '../tar.ts';

/** A shared library or the loader itself: where a program looks for it, and where it was found. */
export interface Library {
  readonly name: string;
  readonly path: string;
}

/**
 * The loader and the shared libraries that programs need, as files of an image, taken from the unpacked packages. The packages' own
 * loader finds them, as it will in the image, so nothing of the machine's libraries gets in.
 * Throws `local_cluster.library_not_found` where one is in none of the packages.
 */
export async function libraryFiles(root: string, programs: readonly string[]): Promise<TarEntry[]> {
  const folders = await libraryFolders(root);
  const loader = await findLoader(folders);
  const files = new Map<string, string>();
  for (const program of programs) {
    const args = ['--inhibit-cache', '--library-path', folders.join(':'), '--list', program];
    for (const { name, path } of librariesOf(await run(loader, args, { timeoutMs: 30_000 }))) {
      if (!path.startsWith(`${root}${sep}`)) throw new LibraryNotFound({ program, library: name });
      // Only the loader has a place of its own; it looks for everything else in these two folders.
      files.set(name.startsWith('/') ? name.slice(1) : `lib/${name}`, path);
    }
  }
  const parents = new Set([...files.keys()].map((path) => path.slice(0, path.indexOf('/'))));
  return [
    ...[...parents].map((path): TarEntry => ({ path, kind: 'folder', mode: 0o755 })),
    ...[...files]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, from]): TarEntry => ({ path, kind: 'file', mode: 0o755, content: readFileSync(from) })),
  ];
}

/** Reads what the loader lists: `NAME => PATH (ADDRESS)`. What the kernel provides has no path. Pure. */
export function librariesOf(listed: string): Library[] {
  return listed.split('\n').flatMap((line) => {
    const [, name, path] = /^\t(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?$/.exec(line) ?? [];
    return name === undefined || path === undefined ? [] : [{ name, path }];
  });
}

/** Distributions that merged /lib into /usr/lib have only one of them. */
async function libraryFolders(root: string): Promise<string[]> {
  const parents = ['lib', 'usr/lib'].map((path) => join(root, path));
  const nested = await Promise.all(
    parents.map(async (parent) => {
      const entries = await readdir(parent).catch(() => []);
      return entries.filter((entry) => entry.endsWith('-linux-gnu')).map((entry) => join(parent, entry));
    }),
  );
  return nested.flat();
}

async function findLoader(folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const name = (await readdir(folder)).find((entry) => /^ld-linux-.*\.so\.\d+$/.test(entry));
    if (name !== undefined) return join(folder, name);
  }
  throw new LibraryNotFound({ program: 'every program', library: 'the loader' });
}
