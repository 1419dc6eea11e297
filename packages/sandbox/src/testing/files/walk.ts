import { FileRefused, type FileNode, type Folder } from './node.ts';

/** As many links as Linux follows on one path. */
const mostLinks = 40;

/** Where a path leads: an entry of a folder, which may not be there. */
export interface Spot {
  /** The folders from the root to the one that has the entry. */
  readonly folders: readonly Folder[];
  /** Empty for a path that is a folder by itself: `.`, `/`, or one that ends with `..`. */
  readonly name: string;
  readonly node: FileNode | undefined;
}

export interface Walk {
  /** Where relative paths start: the folders from the root to it. */
  readonly from: readonly Folder[];
  /** Whether the path has to stay below where it starts, links included. */
  readonly beneath: boolean;
  /** Whether a link at the end is followed. */
  readonly follow: boolean;
  /** Makes the folders that are missing on the way. */
  readonly make?: (parent: Folder, name: string) => Folder;
}

/** Follows a path as the kernel does: `..` is the parent of where links have led. */
export function walk(path: string, { from, beneath, follow, make }: Walk): Spot {
  if (path.includes('\0')) throw new FileRefused('bad_path', path);
  if (Buffer.byteLength(path, 'latin1') >= 4096) throw new FileRefused('name_too_long', path);
  const floor = beneath ? from.length : 1;
  let folders = [...from];
  const rest = partsOf(path);
  /** How many of the first of `rest` came from a link: what those lack is not made. */
  let linked = 0;
  if (path.startsWith('/')) {
    if (beneath) throw new FileRefused('outside', path);
    folders = folders.slice(0, 1);
  }
  let links = 0;
  for (;;) {
    const name = rest.shift();
    const here = last(folders);
    const isLinked = linked > 0;
    if (isLinked) linked -= 1;
    if (name === undefined) return { folders: folders.slice(0, -1), name: '', node: here };
    if (name === '..') {
      if (folders.length > floor) folders.pop();
      else if (beneath) throw new FileRefused('outside', path);
      continue;
    }
    if (name.length > 255) throw new FileRefused('name_too_long', path);
    const node = here.entries.get(name);
    const atEnd = rest.length === 0;
    if (node?.kind === 'link' && (!atEnd || follow)) {
      if (++links > mostLinks) throw new FileRefused('loop', path);
      if (node.target.startsWith('/')) {
        if (beneath) throw new FileRefused('outside', path);
        folders = folders.slice(0, 1);
      }
      const parts = partsOf(node.target);
      linked += parts.length;
      rest.unshift(...parts);
      continue;
    }
    if (atEnd) return { folders, name, node };
    if (node === undefined && (make === undefined || isLinked)) throw new FileRefused('no_such_file', path);
    const next = node ?? make?.(here, name);
    if (next?.kind !== 'folder') throw new FileRefused('not_a_folder', path);
    folders.push(next);
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

export function last(folders: readonly Folder[]): Folder {
  const folder = folders.at(-1);
  if (folder === undefined) throw new Error('A path has no root.');
  return folder;
}
