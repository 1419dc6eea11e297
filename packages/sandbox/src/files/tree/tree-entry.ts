import type { BytePath } from '../path.ts';

/** One thing of a folder that is copied, local or in the sandbox. */
export interface TreeEntry {
  /** Relative to the folder. */
  readonly path: BytePath;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  /** Permission bits without set-user-id, set-group-id and sticky. */
  readonly mode: number;
  /** Of a link. */
  readonly target: BytePath;
}

/** A program of somebody else must not arrive with the rights of whoever copies it. */
export function permissionBits(mode: number): number {
  return mode & 0o777;
}

/** 1 for what is in the folder itself. */
export function depthOf({ path }: TreeEntry): number {
  return path.split('/').length;
}
