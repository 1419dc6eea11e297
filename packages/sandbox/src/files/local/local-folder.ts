import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath, rename, symlink, unlink } from 'node:fs/promises';
import { type BytePath, fromBytes, joined, toBytes } from '../path.ts';
import { local, refuseLocal } from './local-problem.ts';
import { LocalFile, partialBeside } from './local-file.ts';

/**
 * A local folder that is written to by names of somebody else. Every folder on the way is looked at before anything is made in it:
 * a link there is refused, wherever it leads. Links come last (see `link`), so none that was copied is on the way of anything.
 */
export class LocalFolder {
  readonly #root: BytePath;
  /** Whether it was not there before. */
  readonly made: boolean;

  private constructor(root: BytePath, made: boolean) {
    this.#root = root;
    this.made = made;
  }

  /** Makes it and the folders on the way. The path itself is the user's own: links in it are followed. */
  static async make(path: string): Promise<LocalFolder> {
    const given = fromBytes(Buffer.from(path));
    return local(given, async () => {
      const made = (await mkdir(path, { recursive: true })) !== undefined;
      return new LocalFolder(fromBytes(await realpath(path, { encoding: 'buffer' })), made);
    });
  }

  /** Folders that are made here are closed to others until `setMode`. Its parent was made before. */
  async folder(path: BytePath): Promise<void> {
    const at = joined(this.#root, path);
    await local(at, async () => {
      try {
        await mkdir(toBytes(at), 0o700);
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
        const stats = await lstat(toBytes(at));
        if (stats.isSymbolicLink()) refuseLocal(at, 'it is a link, and nothing is written through it');
        if (!stats.isDirectory()) refuseLocal(at, 'it is there and no folder');
      }
    });
  }

  async file(path: BytePath): Promise<LocalFile> {
    return LocalFile.create(joined(this.#root, path));
  }

  /** Replaces a link of that name, and nothing else. To be called after all files are written. */
  async link(path: BytePath, target: BytePath): Promise<void> {
    const at = joined(this.#root, path);
    await local(at, async () => {
      try {
        await symlink(toBytes(target), toBytes(at));
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
        if (!(await lstat(toBytes(at))).isSymbolicLink()) refuseLocal(at, 'it is there and no link');
        await replaceLink(at, target);
      }
    });
  }

  /** To be called when everything is in it, as the mode may forbid to write. Never through a link. */
  async setMode(path: BytePath, mode: number): Promise<void> {
    const at = joined(this.#root, path);
    await local(at, async () => {
      const folder = await open(toBytes(at), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      try {
        await folder.chmod(mode);
      } finally {
        await folder.close();
      }
    });
  }
}

async function replaceLink(at: BytePath, target: BytePath): Promise<void> {
  const partial = toBytes(partialBeside(at));
  await symlink(toBytes(target), partial);
  try {
    await rename(partial, toBytes(at));
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
