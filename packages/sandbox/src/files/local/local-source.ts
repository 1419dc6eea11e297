import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type BytePath, toBytes } from '../path.ts';
import { permissionBits } from '../tree/tree-entry.ts';
import { local, refuseLocal } from './local-problem.ts';

const pieceBytes = 512 * 1024;
/** Without O_NONBLOCK the opening of a pipe that took the file's place would wait for ever. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * A local file as it is when it is opened: what is appended meanwhile does not count, so that a log that is written to ends.
 * It can be read from its beginning as often as needed, and the next piece is read while the last one is sent.
 */
export class LocalSource {
  readonly #path: BytePath;
  readonly #file: FileHandle;
  readonly #modifiedMs: number;
  readonly size: number;
  readonly mode: number;

  private constructor(path: BytePath, file: FileHandle, stats: Stats) {
    this.#path = path;
    this.#file = file;
    this.#modifiedMs = stats.mtimeMs;
    this.size = stats.size;
    this.mode = permissionBits(stats.mode);
  }

  static async open(path: BytePath): Promise<LocalSource> {
    return local(path, async () => {
      const file = await open(toBytes(path), flags);
      try {
        const stats = await file.stat();
        if (!stats.isFile()) refuseLocal(path, 'it is no file');
        return new LocalSource(path, file, stats);
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  /** A piece is good until the next one is asked for: two buffers take turns, as new ones for all of a file keep the collector busy. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    let taken = 0;
    const turns = new Turns(this.size === 0 ? pieceBytes : Math.min(pieceBytes, this.size));
    let ahead = this.#readAhead(0, turns);
    try {
      for (;;) {
        const piece = await ahead;
        taken += piece.length;
        if (piece.length === 0) break;
        ahead = this.#readAhead(taken, turns);
        yield piece;
      }
    } finally {
      // The file may be closed only when nothing reads it.
      await ahead.catch(() => undefined);
    }
    if (taken < this.size && (await this.#shrank())) refuseLocal(this.#path, 'it became shorter while it was read');
  }

  /** A file of the kernel's may always have less than it says; one that somebody cut has another size or time now. */
  async #shrank(): Promise<boolean> {
    const { size, mtimeMs } = await local(this.#path, () => this.#file.stat());
    return size < this.size || mtimeMs !== this.#modifiedMs;
  }

  /** Its error is thrown where the piece is taken, which may be long after it happened. */
  #readAhead(from: number, turns: Turns): Promise<Uint8Array> {
    const piece = this.#read(from, turns);
    piece.catch(() => undefined);
    return piece;
  }

  /** A file of size 0 may be one of the kernel's, whose size nobody knows: it is read to its end. */
  async #read(from: number, turns: Turns): Promise<Uint8Array> {
    const length = this.size === 0 ? pieceBytes : Math.min(pieceBytes, this.size - from);
    if (length === 0) return new Uint8Array();
    const into = turns.next();
    const { bytesRead } = await local(this.#path, () => this.#file.read(into, 0, length, from));
    return into.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Two buffers of one size. The second one is made when it is needed: most files are one piece. */
class Turns {
  readonly #size: number;
  #current: Buffer | undefined;
  #other: Buffer | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  next(): Buffer {
    const next = this.#other ?? Buffer.allocUnsafeSlow(this.#size);
    this.#other = this.#current;
    this.#current = next;
    return next;
  }
}
