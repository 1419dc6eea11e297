import { FileRefused, type FileNode, type Folder, type PlainFile } from './node.ts';
import { last, walk, type Spot, type Walk } from './walk.ts';

/** Where the sandbox's own files are; relative paths start here. */
export const workFolder = '/workspace';

/** Everything else belongs to the image and cannot be changed. */
const writableFolders = [workFolder, '/home/sandbox', '/tmp'];

export interface FileSystemOptions {
  readonly now: () => number;
  /** Of all content together, in bytes. Default: unlimited. */
  readonly capacity?: number;
}

export interface Listed {
  /** Relative to what was listed. */
  readonly path: string;
  readonly node: FileNode;
}

/** Files in memory, with links, devices and a limit. Paths are Latin-1 texts of their bytes, see `node.ts`. */
export class FileSystem {
  readonly #now: () => number;
  readonly #root: Folder;
  #capacity: number;
  #used = 0;
  #versions = 0;

  constructor({ now, capacity = Infinity }: FileSystemOptions) {
    this.#now = now;
    this.#capacity = capacity;
    this.#root = this.#newFolder(0o755, false);
    for (const path of writableFolders) this.#plant(path, this.#newFolder(0o755, true));
    this.#plant('/dev/null', { kind: 'other', ...this.#stamp(0o666) });
  }

  get free(): number {
    return Math.max(0, this.#capacity - this.#used);
  }

  /** From now on there is no room for one more byte. */
  fill(): void {
    this.#capacity = this.#used;
  }

  /** Where a path leads, for programs: from a folder, confined by nothing. */
  find(path: string, from: string, options: Partial<Walk> = {}): Spot {
    const { folders, node } = walk(from, { from: [this.#root], beneath: false, follow: true });
    if (node?.kind !== 'folder') throw new FileRefused(node === undefined ? 'no_such_file' : 'not_a_folder', from);
    const start = node === this.#root ? [node] : [...folders, node];
    return walk(path, { from: start, beneath: false, follow: true, ...options });
  }

  /** What is at the end of an absolute path, its links followed; undefined where nothing is. */
  kindOf(path: string): FileNode['kind'] | undefined {
    try {
      return this.find(path, '/').node?.kind;
    } catch (error) {
      if (error instanceof FileRefused) return undefined;
      throw error;
    }
  }

  /** Where a path leads, for clients: below the work folder whatever links say, or an absolute one as it is. */
  findForClient(path: string, options: Partial<Walk> = {}): Spot {
    const relative = withinWorkFolder(path);
    return relative === undefined
      ? this.find(path, '/', options)
      : this.find(relative, workFolder, { ...options, beneath: true });
  }

  /** Makes the folders on the way; for `Walk.make`. */
  readonly makeFolder = (parent: Folder, name: string): Folder => {
    const folder = this.#newFolder(0o755, true);
    this.put(parent, name, folder);
    return folder;
  };

  newFolder(mode: number): Folder {
    return this.#newFolder(mode, true);
  }

  newFile(content: Uint8Array, mode: number): PlainFile {
    return { kind: 'file', content, ...this.#stamp(mode) };
  }

  newLink(target: string): FileNode {
    return { kind: 'link', target, ...this.#stamp(0o777) };
  }

  newDevice(): FileNode {
    return { kind: 'other', ...this.#stamp(0o644) };
  }

  /** Gives an entry its name, in the place of what had it. */
  put(parent: Folder, name: string, node: FileNode): void {
    if (!parent.writable) throw new FileRefused('denied', name);
    const size = sizeOf(node) - sizeOf(parent.entries.get(name));
    if (size > 0 && size > this.free) throw new FileRefused('no_space', name);
    this.#used += size;
    parent.entries.set(name, node);
    this.#touch(parent);
  }

  /** Takes a name away, with all that is below it. How many entries went. */
  remove({ folders, name, node }: Spot): number {
    if (node === undefined) return 0;
    const parent = name === '' ? undefined : last(folders);
    if (parent === undefined || !parent.writable) throw new FileRefused('denied', name);
    const all = [{ node }, ...listed(node)];
    for (const entry of all) this.#used -= sizeOf(entry.node);
    parent.entries.delete(name);
    this.#touch(parent);
    return all.length;
  }

  setContent(file: PlainFile, content: Uint8Array): void {
    const more = content.length - file.content.length;
    if (more > this.free) throw new FileRefused('no_space', 'file');
    this.#used += more;
    file.content = content;
    this.#touch(file);
  }

  #touch(node: FileNode): void {
    node.modified = this.#now();
    node.version = ++this.#versions;
  }

  #stamp(mode: number): { mode: number; modified: number; version: number } {
    return { mode, modified: this.#now(), version: ++this.#versions };
  }

  #newFolder(mode: number, writable: boolean): Folder {
    return { kind: 'folder', entries: new Map(), writable, ...this.#stamp(mode) };
  }

  /** Without asking whether it may: what is there from the beginning. */
  #plant(path: string, node: FileNode): void {
    const make = (parent: Folder, name: string) => {
      const folder = this.#newFolder(0o755, false);
      parent.entries.set(name, folder);
      return folder;
    };
    const { folders, name } = walk(path, { from: [this.#root], beneath: false, follow: true, make });
    last(folders).entries.set(name, node);
  }
}

/** The part of a client's path below the work folder; undefined for an absolute one that does not name it. */
function withinWorkFolder(path: string): string | undefined {
  if (!path.startsWith('/')) return path;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts[0] === workFolder.slice(1) ? parts.slice(1).join('/') : undefined;
}

function sizeOf(node: FileNode | undefined): number {
  return node?.kind === 'file' ? node.content.length : 0;
}

/** What is below a folder, in the order of its names; a folder comes before what is in it. */
export function listed(node: FileNode, recursive = true, prefix = ''): Listed[] {
  if (node.kind !== 'folder') return [];
  const names = [...node.entries.keys()].toSorted();
  return names.flatMap((name) => {
    const entry = node.entries.get(name);
    if (entry === undefined) return [];
    const path = prefix + name;
    return [{ path, node: entry }, ...(recursive ? listed(entry, true, `${path}/`) : [])];
  });
}
