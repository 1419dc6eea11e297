import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { type BytePath, joined, parentOf, toBytes } from '../path.ts';
import { local, localProblem } from './local-problem.ts';

const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** So much waits for the disk before whoever brings it has to wait. */
const mostWaiting = 2 * 1024 * 1024;

/**
 * A local file that has its name only when it is whole: it is written under one that nobody can guess, and renamed.
 * The renaming replaces a link of that name instead of writing to where it leads.
 */
export class LocalFile {
  readonly #path: BytePath;
  readonly #partial: Buffer;
  readonly #file: FileHandle;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #failed: { readonly error: unknown } | undefined;

  private constructor(path: BytePath, partial: Buffer, file: FileHandle) {
    this.#path = path;
    this.#partial = partial;
    this.#file = file;
  }

  /** `path` is absolute; its folder is there, and is no link. */
  static async create(path: BytePath): Promise<LocalFile> {
    const partial = toBytes(partialBeside(path));
    return local(path, async () => new LocalFile(path, partial, await open(partial, flags, 0o600)));
  }

  /** Pieces that come while the disk is busy go to it in one call. Resolves when there is room for more. */
  async write(piece: Uint8Array): Promise<void> {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    this.#writing ??= this.#flush();
    if (this.#waitingBytes >= mostWaiting) await this.#writing;
    this.#check();
  }

  async #flush(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const pieces = this.#waiting;
        this.#waiting = [];
        this.#waitingBytes = 0;
        await writeAll(this.#file, pieces);
      }
    } catch (error) {
      this.#failed = { error: localProblem(error, this.#path) };
    } finally {
      this.#writing = undefined;
    }
  }

  async finish(mode: number): Promise<void> {
    await this.#writing;
    await local(this.#path, async () => {
      this.#check();
      await this.#file.chmod(mode);
      await this.#file.close();
      await rename(this.#partial, toBytes(this.#path));
    });
  }

  /** Gives up what is not finished; nothing of it stays. Never throws: there is an error already that says more. */
  async discard(): Promise<void> {
    await this.#writing;
    await this.#file.close().catch(() => undefined);
    await unlink(this.#partial).catch(() => undefined);
  }

  #check(): void {
    if (this.#failed !== undefined) throw this.#failed.error;
  }
}

/** A name that nobody can guess, in the same folder. `path` is absolute. */
export function partialBeside(path: BytePath): BytePath {
  return joined(parentOf(path) || '/', `.ephemera-${randomBytes(8).toString('hex')}.part`);
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces;
  while (left.length > 0) {
    const batch = left.slice(0, mostPieces);
    const { bytesWritten } = await file.writev([...batch]);
    left = [...after(batch, bytesWritten), ...left.slice(mostPieces)];
  }
}

/** As many as the kernel takes in one call. */
const mostPieces = 1024;

/** What of the pieces is left when so many bytes are written. */
function after(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let done = written;
  const index = pieces.findIndex((piece) => {
    if (piece.length > done) return true;
    done -= piece.length;
    return false;
  });
  const first = pieces[index];
  return first === undefined ? [] : [first.subarray(done), ...pieces.slice(index + 1)];
}
