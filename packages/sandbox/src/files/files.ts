import type { FileEntry, Files, ListOptions, SandboxPath, TransferOptions, WriteOptions } from '../files-api.ts';
import { checkMost, refuse } from '../commands/check.ts';
import type { Link } from '../link/link.ts';
import { contentOf } from './content.ts';
import { ask } from './repeat.ts';
import { download } from './download.ts';
import { fileEntry } from './file-entry.ts';
import { inLanes } from './lanes.ts';
import { listFolder } from './list-folder.ts';
import { pathBytes } from './path.ts';
import { refuseFile } from './problem.ts';
import { readFile } from './read-file.ts';
import { statPath } from './stat-path.ts';
import { upload } from './upload.ts';
import { writeFile } from './write-file.ts';

/** What `read` gives at most, and V8 takes as one text. */
const mostInMemory = 500 * 1024 * 1024;
const lanes = 48;
const defaultMode = 0o644;

interface Waiting {
  readonly signal?: AbortSignal;
}

/** The files of one sandbox, over whatever leads to its runner. */
export function createFiles(link: Link): Files {
  const read = async (path: SandboxPath, { signal }: Waiting = {}): Promise<Uint8Array> => {
    const pieces: Uint8Array[] = [];
    let total = 0;
    for await (const piece of readFile(link, pathBytes(path), { signal })) {
      total += piece.length;
      if (total > mostInMemory) refuseFile(path, 'too_big', `it has more than ${mostInMemory} bytes`);
      pieces.push(piece);
    }
    return joinedBytes(pieces, total);
  };
  return {
    read,
    readText: async (path, options) => {
      const bytes = await read(path, options);
      try {
        // The mark of byte order is a part of the file: who writes the text back must not lose it.
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return refuseFile(path, 'no_text', 'it is no UTF-8 text');
      }
    },
    stream: async function* (path, options: Waiting = {}) {
      yield* readFile(link, pathBytes(path), options);
    },
    write: async (path, content, { mode = defaultMode, signal }: WriteOptions = {}) =>
      writeFile({ link, path: pathBytes(path) }, contentOf(content), { mode, signal }),
    writeMany: async (files, { signal }: Waiting = {}) => {
      const planned = files.map((file) => ({ ...file, path: pathBytes(file.path) }));
      await inLanes(
        planned,
        ({ path, content, mode = defaultMode }, signal) =>
          writeFile({ link, path }, contentOf(content), { mode, signal }),
        { lanes, signal },
      );
    },
    list: async (path = '.', { recursive = false, most, signal }: ListOptions = {}): Promise<readonly FileEntry[]> => {
      refuse('Listing the folder', checkMost(most));
      const entries = await listFolder(link, pathBytes(path), { recursive, most, signal });
      return entries.map((entry) => fileEntry(entry));
    },
    stat: async (path) => {
      const bytes = pathBytes(path);
      return fileEntry(await statPath(link, bytes), bytes);
    },
    remove: async (path) => {
      await ask(link, { kind: 'remove', path: pathBytes(path) });
    },
    upload: (local, path, options: TransferOptions = {}) => upload(link, local, path, options),
    download: (path, local, options: TransferOptions = {}) => download(link, path, local, options),
  };
}

/** A Uint8Array and not a Buffer, which would say more than the interface does, and compare as something else. */
function joinedBytes(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
