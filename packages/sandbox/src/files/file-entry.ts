import type { FileEntry } from '../files-api.ts';
import type { AnswerOf } from '../wire/answer.ts';
import { fromBytes } from './path.ts';
import { permissionBits, type TreeEntry } from './tree/tree-entry.ts';

/** An entry as users see it. `path` where it is not the one that the runner says, as for a single file that was asked for. */
export function fileEntry(entry: AnswerOf<'entry'>, path: Uint8Array = entry.path): FileEntry {
  const shown = Buffer.from(path).toString('utf8');
  return {
    path: shown,
    rawPath: Uint8Array.from(path),
    kind: entry.entry,
    size: entry.size,
    mode: entry.mode & 0o7777,
    modifiedAt: new Date(entry.modifiedAt).toISOString(),
    ...(entry.entry === 'link' ? { target: Buffer.from(entry.target).toString('utf8') } : {}),
  };
}

export function treeEntry(entry: AnswerOf<'entry'>): TreeEntry {
  return {
    path: fromBytes(entry.path),
    kind: entry.entry,
    size: entry.size,
    mode: permissionBits(entry.mode),
    target: fromBytes(entry.target),
  };
}
