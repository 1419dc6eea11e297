import { readFile, readdir, readlink } from 'node:fs/promises';
import { RootMissing } from './errors.ts';

/** How pid 1 of an instance is recognised: a pid alone could by now belong to somebody else. */
export interface NodeRecord {
  readonly pid: number;
  readonly startTime: string;
  readonly pidNamespace: string;
  readonly loopbackPort: number;
}

export async function readRecord(file: string): Promise<NodeRecord | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as NodeRecord;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Only root can tell: "down" would be a guess.
    if (code === 'EACCES' || code === 'EPERM') throw new RootMissing({});
    return undefined;
  }
}

/** Whether the recorded process still runs: same pid, same start, same namespace. */
export async function isAlive(record: NodeRecord): Promise<boolean> {
  const state = await stateOf(record);
  if (state !== 'Z') return state !== undefined;
  // A zombie has ended only with its last thread: until then that one is ending the rest of the namespace.
  const threads = await readdir(`/proc/${record.pid}/task`).catch(() => []);
  return threads.length > 1;
}

/** Whether the process table still has it, running or ended. */
export async function isListed(record: NodeRecord): Promise<boolean> {
  return (await stateOf(record)) !== undefined;
}

async function stateOf({ pid, startTime, pidNamespace }: NodeRecord): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Fields 3 and 22. The command's name before them, in brackets, may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const same = fields[19] === startTime && (await readlink(`/proc/${pid}/ns/pid`)) === pidNamespace;
    return same ? fields[0] : undefined;
  } catch {
    return undefined;
  }
}
