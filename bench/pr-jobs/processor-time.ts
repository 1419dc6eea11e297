import { readFileSync } from 'node:fs';

/** What Linux counts in: USER_HZ, which is 100 wherever Node runs. */
const ticksPerSecond = 100;

/** Seconds of processor that one process has used, without its children. Linux only; elsewhere NaN. */
export function processorSeconds(pid: number): number {
  try {
    return secondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return Number.NaN;
  }
}

/** Of the text of `/proc/PID/stat`. Pure. */
export function secondsIn(stat: string): number {
  // The second field is the name of the program, in which anything may stand; after it come the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
