import { stat } from 'node:fs/promises';
import { type Files, sandboxErrors, type TransferOptions, type TransferProgress } from '@ephemera/sandbox';
import type { Context } from '../../context.ts';
import { copiedText, copyProgress } from './copy-progress.ts';
import { copyWayOf, keptName, targetOf, type CopyWay } from './copy-ways.ts';
import { withSandbox } from './find-sandbox.ts';
import { leaveAtSecond } from './leave-at-second.ts';
import type { WhereFlags } from './where.ts';
import { withPlace } from './with-place.ts';

export async function cp(this: Context, flags: WhereFlags, from: string, to: string): Promise<void> {
  const way = copyWayOf(from, to);
  const { process } = this;
  await withPlace(this, flags, async ({ host, signal }) => {
    using _ = leaveAtSecond(process, signal);
    const { onProgress, clear } = copyProgress(process.stderr);
    await withSandbox({ host, text: way.sandbox, signal }, async ({ files }) => {
      try {
        const done = await copy(files, way, { onProgress, signal });
        clear();
        process.stderr.write(`${copiedText(done)}\n`);
      } catch (error) {
        clear();
        throw error;
      }
    });
  });
}

async function copy(
  files: Files,
  { direction, here, there }: CopyWay,
  options: TransferOptions,
): Promise<TransferProgress> {
  if (direction === 'up') {
    const to = targetOf(there, { name: keptName(here), isFolder: await isFolderThere(files, there) });
    return files.upload(here, to, options);
  }
  const to = targetOf(here, { name: keptName(there), isFolder: await isFolderHere(here) });
  return files.download(there, to, options);
}

async function isFolderHere(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Also where a link leads to one. What is not there, or is no folder, is where the copy goes; every other problem is one of the copy, too. */
async function isFolderThere(files: Files, path: string): Promise<boolean> {
  try {
    return (await files.stat(`${path}/.`)).kind === 'folder';
  } catch (error) {
    if (error instanceof sandboxErrors.FileProblem && noFolder.has(error.details['kind'])) return false;
    throw error;
  }
}

const noFolder: ReadonlySet<unknown> = new Set(['missing', 'no_folder']);
