import type { SandboxPath } from '../../files-api.ts';
import type { FakeFiles } from '../program.ts';
import type { FileSystem } from './file-system.ts';
import { FileRefused, pathOf, shown, type PlainFile } from './node.ts';
import { last } from './walk.ts';

/** The file system as a program sees it from its folder. `alive` throws where the program may do nothing any more. */
export function programFiles(files: FileSystem, cwd: string, alive: () => void): FakeFiles {
  function open(path: SandboxPath): PlainFile {
    const { node } = files.find(pathOf(path), cwd);
    if (node?.kind === 'file') return node;
    throw new FileRefused(faultOf(node?.kind), shown(pathOf(path)));
  }

  function write(path: SandboxPath, content: string | Uint8Array, mode = 0o644): void {
    // The caller's array may change later.
    const bytes = new Uint8Array(Buffer.from(content as string));
    const { folders, name, node } = files.find(pathOf(path), cwd, { make: files.makeFolder });
    if (node !== undefined && node.kind !== 'file') throw new FileRefused(faultOf(node.kind), shown(pathOf(path)));
    if (node === undefined) files.put(last(folders), name, files.newFile(bytes, mode));
    else files.setContent(node, bytes);
  }

  return checked(alive, {
    read: (path) => open(path).content.slice(),
    readText: (path) => Buffer.from(open(path).content).toString('utf8'),
    write: (path, content, options) => write(path, content, options?.mode),
    append: (path, content) => {
      const { node } = files.find(pathOf(path), cwd, { make: files.makeFolder });
      const before = node === undefined ? new Uint8Array() : open(path).content;
      write(path, Buffer.concat([before, Buffer.from(content as string)]));
    },
    list: (path = '.') => {
      const { node } = files.find(pathOf(path), cwd);
      if (node === undefined) throw new FileRefused('no_such_file', shown(pathOf(path)));
      if (node.kind !== 'folder') throw new FileRefused('not_a_folder', shown(pathOf(path)));
      return [...node.entries.keys()].map(shown).toSorted();
    },
    exists: (path) => {
      try {
        return files.find(pathOf(path), cwd).node !== undefined;
      } catch (error) {
        if (error instanceof FileRefused) return false;
        throw error;
      }
    },
    folder: (path) => {
      const { folders, name, node } = files.find(pathOf(path), cwd, { make: files.makeFolder });
      if (node === undefined) files.makeFolder(last(folders), name);
      else if (node.kind !== 'folder') throw new FileRefused('exists', shown(pathOf(path)));
    },
    link: (path, target) => {
      const { folders, name, node } = files.find(pathOf(path), cwd, { follow: false, make: files.makeFolder });
      if (node !== undefined) throw new FileRefused('exists', shown(pathOf(path)));
      files.put(last(folders), name, files.newLink(pathOf(target)));
    },
    device: (path) => {
      const { folders, name } = files.find(pathOf(path), cwd, { follow: false, make: files.makeFolder });
      files.put(last(folders), name, files.newDevice());
    },
    remove: (path) => {
      files.remove(files.find(pathOf(path), cwd, { follow: false }));
    },
  });
}

function faultOf(kind: 'file' | 'folder' | 'link' | 'other' | undefined): FileRefused['code'] {
  if (kind === undefined) return 'no_such_file';
  return kind === 'folder' ? 'is_a_folder' : 'not_a_file';
}

/** The same calls, each after the check. */
function checked(alive: () => void, calls: FakeFiles): FakeFiles {
  const entries = Object.entries(calls) as [string, (...given: unknown[]) => unknown][];
  const guarded = entries.map(([name, call]) => [
    name,
    (...given: unknown[]) => {
      alive();
      return call(...given);
    },
  ]);
  return Object.fromEntries(guarded) as FakeFiles;
}
