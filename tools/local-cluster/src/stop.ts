import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupFolders, processesIn, removeCgroups } from './cgroups.ts';
import { NotGone } from './errors.ts';
import type { Layout } from './layout.ts';
import { poll } from './poll.ts';
import { isAlive, isListed, readRecord } from './record.ts';

const gone = { deadlineMs: 20_000, everyMs: 20 };
const reaped = { deadlineMs: 5000, everyMs: 20 };

/**
 * Ends whatever there is of the instance, complete or half-started. The kernel takes pods, mounts, packet rules and
 * devices away with the last process of the namespaces; what remains for us are cgroup folders and files.
 */
export async function stop(layout: Layout): Promise<void> {
  await killProcesses(layout);
  await removeDevice(layout);
  await removeFolders(layout);
}

async function killProcesses(layout: Layout): Promise<void> {
  const record = await readRecord(layout.record);
  if (record !== undefined && (await isAlive(record))) kill(record.pid);
  const folders = await cgroupFolders(layout.cgroup);
  const ended = await poll(async () => {
    // Usually pid 1 took everything with it; this also finds a pid 1 whose record was lost with the cache.
    const left = await processesIn(folders);
    for (const pid of left) kill(pid);
    return left.length === 0 && (record === undefined || !(await isAlive(record)));
  }, gone);
  if (!ended) throw new NotGone({ left: (await processesIn(folders)).map((pid) => `process ${pid}`) });
  if (!(await poll(() => removeCgroups(folders), gone))) throw new NotGone({ left: folders });
  // Its entry in the process table is taken away by the machine's init, at once or every few seconds; some never do.
  if (record !== undefined) await poll(async () => !(await isListed(record)), reaped);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The device goes with the network namespace at its other end, a moment after the last process. */
async function removeDevice({ device }: Layout): Promise<void> {
  const path = join('/sys/class/net', device);
  if (!(await poll(async () => !existsSync(path), gone))) throw new NotGone({ left: [`device ${device}`] });
}

/** Everything but the images, and the logs, which are wanted most when something ended badly. */
async function removeFolders(layout: Layout): Promise<void> {
  const kept = new Set([layout.containerd, layout.logs]);
  const entries = await readdir(layout.folder).catch(() => []);
  const paths = entries.map((entry) => join(layout.folder, entry)).filter((path) => !kept.has(path));
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true })));
}
