import { closeSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';

/** A longer file is put aside at the next launch; the one that was put aside before it is gone then. */
const longestBytes = 8 * 1024 * 1024;
/** Of what a launch said, the end: the reason of a failure stands there. */
const tailBytes = 64 * 1024;

export interface LaunchLog {
  /** What the process writes to. */
  readonly descriptor: number;
  /** Our own hold on the file ends; that of the process does not. */
  close(): void;
  /** What has been said since, at most the last 64 KiB of it. */
  said(): string;
}

/** Opens the log for one launch, after putting a long one aside as `PATH.1`. */
export function openLog(path: string): LaunchLog {
  let descriptor = openSync(path, 'a', 0o600);
  if (fstatSync(descriptor).size > longestBytes) {
    closeSync(descriptor);
    renameSync(path, `${path}.1`);
    descriptor = openSync(path, 'a', 0o600);
  }
  const begin = fstatSync(descriptor).size;
  return { descriptor, close: () => closeSync(descriptor), said: () => readTail(path, begin) };
}

function readTail(path: string, begin: number): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Math.max(begin, size - tailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, start));
  } finally {
    closeSync(file);
  }
}
