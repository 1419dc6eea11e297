import { readFileSync } from 'node:fs';

const mebibyte = 1024 * 1024;

/** Resident memory of one process as Linux counts it, in MiB, without its children. */
export function residentMiB(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} has no memory`);
  return (Number(kibibytes) * 1024) / mebibyte;
}

export interface MemoryWatch extends Disposable {
  /** How much more a process had resident at its worst than at the beginning, in MiB. */
  grownMiB(): number;
}

/** Looks at a process all the time until it is disposed. */
export function watchMemory(pid: number): MemoryWatch {
  const before = residentMiB(pid);
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, residentMiB(pid))), 20);
  return {
    grownMiB: () => Math.max(most, residentMiB(pid)) - before,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
