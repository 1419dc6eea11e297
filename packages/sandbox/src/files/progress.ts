import type { TransferProgress } from '../files-api.ts';

/** How far a transfer is, over all of its files. */
export class Progress {
  readonly #tell: ((progress: TransferProgress) => void) | undefined;
  #files = 0;
  #bytes = 0;

  constructor(tell: ((progress: TransferProgress) => void) | undefined) {
    this.#tell = tell;
  }

  get now(): TransferProgress {
    return { files: this.#files, bytes: this.#bytes };
  }

  /** For one file: takes how many of its bytes are done, also where they become less because it begins again. */
  ofFile(): (total: number) => void {
    let before = 0;
    return (total) => {
      if (total === before) return;
      this.#bytes += total - before;
      before = total;
      this.#tell?.(this.now);
    };
  }

  fileDone(): void {
    this.#files += 1;
    this.#tell?.(this.now);
  }
}
