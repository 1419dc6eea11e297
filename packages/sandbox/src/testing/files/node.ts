/**
 * What is in the fake's file system. Names and targets are texts of one character for each byte (Latin-1), so that names that are no UTF-8
 * are kept as they are and still can be keys.
 */
export type FileNode = PlainFile | Folder | Link | Device;

interface Common {
  mode: number;
  /** Milliseconds since 1970. */
  modified: number;
  /** Another one after each change. */
  version: number;
}

export interface PlainFile extends Common {
  readonly kind: 'file';
  /** Replaced as a whole, never changed: who reads it goes on reading what it was. */
  content: Uint8Array;
}

export interface Folder extends Common {
  readonly kind: 'folder';
  readonly entries: Map<string, FileNode>;
  /** Whether the user of the sandbox may change its entries. */
  readonly writable: boolean;
}

export interface Link extends Common {
  readonly kind: 'link';
  readonly target: string;
}

/** What is neither: a device, a pipe, a socket. */
export interface Device extends Common {
  readonly kind: 'other';
}

export type FileFault =
  | 'outside'
  | 'not_a_file'
  | 'no_such_file'
  | 'is_a_folder'
  | 'not_a_folder'
  | 'denied'
  | 'no_space'
  | 'name_too_long'
  | 'exists'
  | 'loop'
  | 'bad_path';

/** A call on files that failed; programs see it as an `Error` with this `code`. */
export class FileRefused extends Error {
  readonly code: FileFault;

  constructor(code: FileFault, path: string) {
    super(`${path}: ${code.replaceAll('_', ' ')}`);
    this.name = 'FileRefused';
    this.code = code;
  }
}

/** `text` as UTF-8 or bytes, as a name or path of this file system. */
export function pathOf(path: string | Uint8Array): string {
  return Buffer.from(path as string).toString('latin1');
}

/** The bytes of a name or path of this file system. */
export function bytesOf(path: string): Uint8Array {
  return Buffer.from(path, 'latin1');
}

/** For people: as UTF-8, with U+FFFD for what is none. */
export function shown(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}
