import { existsSync } from 'node:fs';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cgroupFolders } from '../src/cgroups.ts';
import { run } from '../src/command.ts';
import type { Layout } from '../src/layout.ts';
import { findProgram } from '../src/programs.ts';
import { readRecord } from '../src/record.ts';

/** What an instance has on the machine, outside the cache. Empty lists when it is gone. */
export async function leftovers(layout: Layout, namespaces: readonly string[]): Promise<Record<string, string[]>> {
  const [routes, mounts, devices, cgroups, entries] = await Promise.all([
    readFile('/proc/net/route', 'utf8'),
    readFile('/proc/self/mountinfo', 'utf8'),
    readdir('/sys/class/net'),
    cgroupFolders(layout.cgroup),
    readdir(layout.folder).catch(() => []),
  ]);
  return {
    processes: await processesOf(layout, namespaces),
    devices: devices.filter((device) => device === layout.device),
    routes: routes.split('\n').filter((line) => line.startsWith(layout.device)),
    mounts: mounts.split('\n').filter((line) => line.includes(layout.folder)),
    cgroups,
    files: entries.filter((entry) => entry !== 'containerd' && entry !== 'logs'),
  };
}

export const nothing = { processes: [], devices: [], routes: [], mounts: [], cgroups: [], files: [] };

/**
 * Inside one of its namespaces, or started from its folder. The kernel gives a namespace's number to the next one, so a
 * process in the control group of another instance is not meant.
 */
async function processesOf(layout: Layout, namespaces: readonly string[]): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
      const foreign = cgroup.includes(':/ephemera-') && !cgroup.includes(layout.cgroup);
      const inside = (await namespacesOf(Number(pid))).some((namespace) => namespaces.includes(namespace));
      return (inside && !foreign) || command.includes(layout.folder) ? [`${pid} ${command.replaceAll('\0', ' ')}`] : [];
    }),
  );
  return found.flat();
}

export async function namespacesOf(pid: number): Promise<string[]> {
  const kinds = ['net', 'mnt', 'pid', 'ipc'];
  const links = await Promise.all(kinds.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => '')));
  return links.filter((link) => link !== '');
}

export async function namespacesOfInstance(layout: Layout): Promise<string[]> {
  const record = await readRecord(layout.record);
  return record === undefined ? [] : namespacesOf(record.pid);
}

/** Folders that Kubernetes and its tools usually write to. */
const usual = [
  '/etc/cni',
  '/etc/containerd',
  '/etc/kubernetes',
  '/opt/cni',
  '/opt/containerd',
  '/run/cni-addresses',
  '/run/containerd',
  '/run/netns',
  '/run/xtables.lock',
  '/tmp/hostpath_pv',
  '/usr/libexec/kubernetes',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
  '/var/run/kubernetes',
  join(homedir(), '.kube'),
];

/** The machine as it must be before and after: which of those folders exist, and its packet rules. */
export async function machine(): Promise<{ folders: string[]; rules: string }> {
  const save = await findProgram('iptables-save');
  const rules = save === undefined ? '' : await run(save, [], { timeoutMs: 10_000 });
  return { folders: usual.filter((folder) => existsSync(folder)), rules: rules.replaceAll(/^#.*\n/gm, '') };
}
