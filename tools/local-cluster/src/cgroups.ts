import { existsSync } from 'node:fs';
import { readFile, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/** The instance's folder in each hierarchy; with version 2 there is one hierarchy. */
export async function cgroupFolders(name: string): Promise<string[]> {
  const hierarchies = (await readdir(root, { withFileTypes: true }).catch(() => [])).filter((entry) =>
    entry.isDirectory(),
  );
  return [root, ...hierarchies.map((entry) => join(root, entry.name))]
    .map((hierarchy) => join(hierarchy, name))
    .filter((folder) => existsSync(folder));
}

/** Every process that belongs to the instance, as the kernel knows it: also those that nobody wrote down. */
export async function processesIn(folders: readonly string[]): Promise<number[]> {
  const all = (await Promise.all(folders.map(tree))).flat();
  const lists = await Promise.all(all.map((folder) => readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')));
  const pids = lists.flatMap((list) => list.split('\n')).map(Number);
  return [...new Set(pids)].filter((pid) => pid > 0);
}

/** Removes the folders, deepest first. False when the kernel still counts a process that is just ending. */
export async function removeCgroups(folders: readonly string[]): Promise<boolean> {
  for (const folder of (await Promise.all(folders.map(tree))).flat()) {
    try {
      await rmdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    }
  }
  return true;
}

/** A folder and all below it, children before parents. */
async function tree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => tree(join(folder, entry.name))),
  );
  return [...below.flat(), folder];
}
