import { lstat, readdir, readlink } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { type BytePath, fromBytes, joined, toBytes } from '../path.ts';
import { inLanes } from '../lanes.ts';
import { permissionBits, type TreeEntry } from '../tree/tree-entry.ts';
import { local } from './local-problem.ts';

/** More at once do not make it faster: Node reads the file system with four threads. */
const lanes = 16;

/** All that is in a local folder, folders before what is in them. Links are told, not followed. Throws `sandbox.local_file`. */
export async function walkFolder(root: BytePath, signal?: AbortSignal): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const folders: BytePath[] = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    const found = await entriesOf(root, folder, signal);
    for (const entry of found) {
      entries.push(entry);
      if (entry.kind === 'folder') folders.push(entry.path);
    }
  }
  return entries;
}

async function entriesOf(root: BytePath, folder: BytePath, signal?: AbortSignal): Promise<readonly TreeEntry[]> {
  const at = joined(root, folder);
  const names = await local(at, () => readdir(toBytes(at), { encoding: 'buffer' }));
  const sorted = names.map(fromBytes).toSorted();
  const entries: TreeEntry[] = [];
  await inLanes(
    sorted.entries(),
    async ([index, name]) => {
      entries[index] = await entryOf(root, joined(folder, name));
    },
    { lanes, signal },
  );
  return entries;
}

async function entryOf(root: BytePath, path: BytePath): Promise<TreeEntry> {
  const at = joined(root, path);
  return local(at, async () => {
    const stats = await lstat(toBytes(at));
    const kind = kindOf(stats);
    const target = kind === 'link' ? fromBytes(await readlink(toBytes(at), { encoding: 'buffer' })) : '';
    return { path, kind, size: kind === 'file' ? stats.size : 0, mode: permissionBits(stats.mode), target };
  });
}

export function kindOf(stats: Stats): TreeEntry['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}
