import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OWNED = 'brought-up-by-tests';

/**
 * Who uses the cluster of the tests: several runs share it, and the last one takes it down, unless it was up before any of them.
 * One file per running process; those of processes that are gone are swept away.
 */
export function joinRuns(folder: string): { broughtUp: () => void; leave: () => 'last' | 'others' | 'not ours' } {
  mkdirSync(folder, { recursive: true });
  const own = String(process.pid);
  const others = () => readdirSync(folder).filter((name) => name !== own && name !== OWNED && isAlive(folder, name));
  // A run that was killed leaves its mark, but the cluster that it brought up is still a cluster of the tests.
  writeFileSync(join(folder, own), '');

  return {
    broughtUp: () => writeFileSync(join(folder, OWNED), ''),
    leave: () => {
      rmSync(join(folder, own), { force: true });
      if (others().length > 0) return 'others';
      if (!readdirSync(folder).includes(OWNED)) return 'not ours';
      rmSync(join(folder, OWNED), { force: true });
      return 'last';
    },
  };
}

function isAlive(folder: string, pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return true;
    rmSync(join(folder, pid), { force: true });
    return false;
  }
}
