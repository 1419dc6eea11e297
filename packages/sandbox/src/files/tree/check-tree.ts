import { TransferRefused } from '../../errors.ts';
import { type BytePath, parentOf, shownPath, toBytes } from '../path.ts';
import { leadsOut, stepsOfTree } from './leads-out.ts';
import type { TreeEntry } from './tree-entry.ts';

/** What an error carries at most; the rest of a folder full of links says nothing new. */
const mostNamed = 100;

/**
 * Refuses a tree as a whole, before anything of it is copied. A listing comes from a sandbox in which anything may run, also in place
 * of the runner: it may name `../../x`, one path twice (first as a link, then as a folder), or files below what is no folder.
 * `folder` is for the message. Throws `sandbox.transfer_refused`.
 */
export function checkTree(folder: string, entries: readonly TreeEntry[]): void {
  const kinds = new Map<BytePath, TreeEntry>();
  const refused: { path: string; problem: string }[] = [];
  const refuse = (entry: TreeEntry, problem: string) => {
    if (refused.length < mostNamed) refused.push({ path: shownPath(toBytes(entry.path)), problem });
  };
  for (const entry of entries) {
    const problem = problemOfName(entry.path);
    if (problem !== undefined) refuse(entry, problem);
    else if (kinds.has(entry.path)) refuse(entry, 'is listed twice');
    else kinds.set(entry.path, entry);
  }
  const steps = stepsOfTree();
  for (const entry of kinds.values()) {
    const parent = parentOf(entry.path);
    if (parent !== '' && kinds.get(parent)?.kind !== 'folder') refuse(entry, 'is below what is not listed as a folder');
    else if (entry.kind === 'other') refuse(entry, 'is a device, pipe or socket');
    else if (entry.kind === 'link' && leadsOut(entry, kinds, steps)) {
      refuse(entry, `is a link to ${shownPath(toBytes(entry.target))}, out of the folder`);
    }
  }
  if (refused.length > 0) throw new TransferRefused({ folder, refused });
}

function problemOfName(path: BytePath): string | undefined {
  if (path === '') return 'is an empty name';
  if (path.includes('\0')) return 'has a NUL in its name';
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') return 'is no path below the folder';
    if (name.length > 255) return 'has a name of more than 255 bytes';
  }
  return undefined;
}
