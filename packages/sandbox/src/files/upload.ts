import { realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { FileProblem } from '../errors.ts';
import type { SandboxPath, TransferOptions, TransferProgress } from '../files-api.ts';
import type { Link } from '../link/link.ts';
import { ask } from './repeat.ts';
import { inLanes } from './lanes.ts';
import { local, refuseLocal } from './local/local-problem.ts';
import { LocalSource } from './local/local-source.ts';
import { kindOf, walkFolder } from './local/walk-folder.ts';
import { type BytePath, fromBytes, joined, pathBytes, shownPath, toBytes } from './path.ts';
import { refuseFile } from './problem.ts';
import { Progress } from './progress.ts';
import { statPath } from './stat-path.ts';
import { checkTree } from './tree/check-tree.ts';
import { depthOf, permissionBits, type TreeEntry } from './tree/tree-entry.ts';
import { writeFile } from './write-file.ts';

/** Files under way at once: a small one is there in one way there and back, and this many share it. */
const lanes = 48;
/** What the owner of a folder needs to put something into it. */
const ownersAll = 0o700;

interface Upload {
  readonly link: Link;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** See `Files.upload`. `path` is by default the file's own name, and the work folder for a folder. */
export async function upload(
  link: Link,
  from: string,
  path: SandboxPath | undefined,
  { onProgress, signal }: TransferOptions,
): Promise<TransferProgress> {
  const transfer: Upload = { link, signal, progress: new Progress(onProgress) };
  const given = fromBytes(Buffer.from(resolve(from)));
  const { real, stats } = await local(given, async () => ({
    real: fromBytes(await realpath(from, { encoding: 'buffer' })),
    stats: await stat(from),
  }));
  signal?.throwIfAborted();
  const kind = kindOf(stats);
  if (kind === 'other') refuseLocal(given, 'it is a device, pipe or socket');
  if (kind === 'file') await uploadFile(transfer, real, pathBytes(path ?? basename(resolve(from))));
  else
    await uploadFolder(transfer, { from: real, mode: permissionBits(stats.mode) }, fromBytes(pathBytes(path ?? '.')));
  return transfer.progress.now;
}

async function uploadFile({ link, progress, signal }: Upload, from: BytePath, path: Uint8Array): Promise<void> {
  const source = await LocalSource.open(from);
  const content = { pieces: () => source.pieces(), again: true, size: source.size === 0 ? undefined : source.size };
  try {
    await writeFile({ link, path }, content, { mode: source.mode, signal, onBytes: progress.ofFile() });
  } finally {
    await source.close();
  }
  progress.fileDone();
}

interface Folder {
  readonly path: Uint8Array;
  readonly mode: number;
  readonly depth: number;
}

/** Folders first, and links last, so that nothing is written through a link that was just made. */
async function uploadFolder(
  transfer: Upload,
  { from, mode }: { readonly from: BytePath; readonly mode: number },
  to: BytePath,
): Promise<void> {
  const { link, signal } = transfer;
  const entries = await walkFolder(from, signal);
  checkTree(shownPath(toBytes(from)), entries);
  // Before anything is sent: a path may be too long only below the folder that it is for.
  const planned = entries.map((entry) => ({ entry, path: pathBytes(toBytes(joined(to, entry.path))) }));
  const folders = only(planned, 'folder').map(({ entry, path }) => ({ path, mode: entry.mode, depth: depthOf(entry) }));
  // A folder that is there keeps the mode that it has: the work folder above all.
  if (await isMissing(link, toBytes(to), signal)) folders.unshift({ path: toBytes(to), mode, depth: 0 });
  await makeFolders(transfer, folders, ownersAll);
  await inLanes(
    only(planned, 'file'),
    ({ entry, path }, signal) => uploadFile({ ...transfer, signal }, joined(from, entry.path), path),
    { lanes, signal },
  );
  await inLanes(
    only(planned, 'link'),
    async ({ entry, path }) => void (await ask(link, { kind: 'link', path, target: toBytes(entry.target) }, signal)),
    { lanes, signal },
  );
  await closeFolders(transfer, folders);
}

async function isMissing(link: Link, path: Uint8Array, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const { entry } = await statPath(link, path, signal);
    if (entry === 'file' || entry === 'other') refuseFile(path, 'no_folder', 'it is there and no folder');
    return false;
  } catch (error) {
    if (error instanceof FileProblem && error.details['kind'] === 'missing') return true;
    throw error;
  }
}

function makeFolders({ link, signal }: Upload, folders: readonly Folder[], also = 0): Promise<void> {
  const make = async ({ path, mode }: Folder) => {
    await ask(link, { kind: 'folder', path, mode: mode | also }, signal);
  };
  return inLanes(folders, make, { lanes, signal });
}

/** Gives those their modes in which the owner may not write or search. Level by level, as what is in a closed one is out of reach. */
async function closeFolders(transfer: Upload, folders: readonly Folder[]): Promise<void> {
  const closed = folders.filter(({ mode }) => (mode & ownersAll) !== ownersAll);
  const levels = Map.groupBy(closed, ({ depth }) => depth);
  for (const depth of [...levels.keys()].toSorted((one, other) => other - one)) {
    await makeFolders(transfer, levels.get(depth) ?? []);
  }
}

function only<Item extends { readonly entry: TreeEntry }>(
  items: readonly Item[],
  kind: TreeEntry['kind'],
): readonly Item[] {
  return items.filter(({ entry }) => entry.kind === kind);
}
