import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { link, type TarEntry } from '@ephemera/local-cluster/machinery';

/** Folders that Debian has once, below /usr, and again as a link in the root. */
const merged = ['bin', 'sbin', 'lib', 'lib64'];

/** The links by which the merged folders are found in the root. */
export const mergedLinks: readonly TarEntry[] = merged.map((name) => link(name, `usr/${name}`));

/** Where a file of a package ends up: some releases still ship `bin/sh` and expect the root's folders to be links. Pure. */
export function mergedPath(path: string): string {
  return merged.includes(path.split('/')[0] ?? '') ? `usr/${path}` : path;
}

export interface TreeOptions {
  /** Whether a path, relative to the folder, is left out, with all that is below. */
  readonly leftOut?: (path: string) => boolean;
  /** Where it ends up in the image. Default: at the same path. */
  readonly placed?: (path: string) => string;
}

/** Everything in a folder as files of an image, sorted: folders, files with their permissions, and links as they are. */
export function treeFiles(root: string, { leftOut = () => false, placed = (path) => path }: TreeOptions): TarEntry[] {
  const entries = new Map<string, TarEntry>();
  const walk = (folder: string): void => {
    for (const found of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? found.name : `${folder}/${found.name}`;
      if (leftOut(path)) continue;
      const target = placed(path);
      const entry = entryOf(join(root, path), target, found);
      if (entry !== undefined) entries.set(target, entry);
      if (found.isDirectory()) walk(path);
    }
  };
  walk('');
  return [...entries.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

interface Found {
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isFile(): boolean;
}

function entryOf(from: string, path: string, found: Found): TarEntry | undefined {
  if (found.isSymbolicLink()) return link(path, readlinkSync(from));
  if (!found.isDirectory() && !found.isFile()) return undefined;
  const mode = statSync(from).mode & 0o7777;
  if (found.isDirectory()) return { path, kind: 'folder', mode };
  return { path, kind: 'file', mode, content: readFileSync(from) };
}
