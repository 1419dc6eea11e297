import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { SandboxPath, TransferOptions, TransferProgress } from '../files-api.ts';
import type { Link } from '../link/link.ts';
import type { AnswerOf } from '../wire/answer.ts';
import { treeEntry } from './file-entry.ts';
import { inLanes } from './lanes.ts';
import { listFolder } from './list-folder.ts';
import { local } from './local/local-problem.ts';
import { LocalFile } from './local/local-file.ts';
import { LocalFolder } from './local/local-folder.ts';
import { fromBytes, joined, pathBytes, shownPath, toBytes } from './path.ts';
import { refuseFile } from './problem.ts';
import { Progress } from './progress.ts';
import { readFile } from './read-file.ts';
import { statFollowing } from './stat-path.ts';
import { checkTree } from './tree/check-tree.ts';
import { depthOf, permissionBits, type TreeEntry } from './tree/tree-entry.ts';

const lanes = 48;
/** Less than for one file alone: this times `lanes` is what a slow disk makes this process hold. */
const windowOfMany = 512 * 1024;

interface Download {
  readonly link: Link;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

interface Fetch {
  readonly path: Uint8Array;
  readonly mode: number;
  readonly window?: number;
  readonly create: () => Promise<LocalFile>;
}

/** See `Files.download`. A file becomes the file `to`, a folder's content comes into the folder `to`. */
export async function download(
  link: Link,
  from: SandboxPath,
  to: string,
  { onProgress, signal }: TransferOptions,
): Promise<TransferProgress> {
  const transfer: Download = { link, signal, progress: new Progress(onProgress) };
  const path = pathBytes(from);
  const entry = await statFollowing(link, path, signal);
  if (entry.entry === 'folder') await downloadFolder(transfer, entry, { path, to });
  else if (entry.entry === 'file') await downloadFile(transfer, entry, { path, to: resolve(to) });
  else refuseFile(path, 'no_file', 'it is a device, pipe or socket');
  return transfer.progress.now;
}

interface Way {
  readonly path: Uint8Array;
  readonly to: string;
}

async function downloadFile(transfer: Download, entry: AnswerOf<'entry'>, { path, to }: Way): Promise<void> {
  const create = () =>
    local(fromBytes(Buffer.from(to)), async () => {
      await mkdir(dirname(to), { recursive: true });
      const folder = fromBytes(await realpath(dirname(to), { encoding: 'buffer' }));
      return LocalFile.create(joined(folder, fromBytes(Buffer.from(basename(to)))));
    });
  await fetchFile(transfer, { path, mode: permissionBits(entry.mode), create });
}

/** All names and links are judged before the first is written; links come last, and modes of folders after what is in them. */
async function downloadFolder(transfer: Download, entry: AnswerOf<'entry'>, { path, to }: Way): Promise<void> {
  const { link, signal } = transfer;
  const listed = await listFolder(link, path, { recursive: true, signal });
  const entries = listed.map(treeEntry);
  checkTree(shownPath(path), entries);
  const target = await LocalFolder.make(to);
  const folders = only(entries, 'folder').toSorted((one, other) => depthOf(one) - depthOf(other));
  for (const folder of folders) await target.folder(folder.path);
  const base = fromBytes(path);
  await inLanes(
    only(entries, 'file'),
    (file, signal) =>
      fetchFile(
        { ...transfer, signal },
        {
          path: toBytes(joined(base, file.path)),
          mode: file.mode,
          window: windowOfMany,
          create: () => target.file(file.path),
        },
      ),
    { lanes, signal },
  );
  for (const { path, target: leadsTo } of only(entries, 'link')) await target.link(path, leadsTo);
  for (const folder of folders.toReversed()) await target.setMode(folder.path, folder.mode);
  if (target.made) await target.setMode('', permissionBits(entry.mode));
}

/** The local file is made when the first byte is there, or the end: what cannot be read leaves nothing. */
async function fetchFile({ link, progress, signal }: Download, { path, mode, window, create }: Fetch): Promise<void> {
  const onBytes = progress.ofFile();
  let file: LocalFile | undefined;
  let total = 0;
  try {
    for await (const piece of readFile(link, path, { signal, window })) {
      file ??= await create();
      await file.write(piece);
      total += piece.length;
      onBytes(total);
    }
    file ??= await create();
    await file.finish(mode);
  } catch (error) {
    await file?.discard();
    throw error;
  }
  progress.fileDone();
}

function only(entries: readonly TreeEntry[], kind: TreeEntry['kind']): readonly TreeEntry[] {
  return entries.filter((entry) => entry.kind === kind);
}
