import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { NameInvalid } from './errors.ts';

/** Where one instance keeps what, and how its device and cgroup folder are called. Pure. */
export interface Layout {
  readonly name: string;
  readonly cache: string;
  readonly folder: string;
  readonly kubeconfig: string;
  /** Identifies pid 1; written before anything of the instance can run. */
  readonly record: string;
  /** The addresses that are in use, for status and down. */
  readonly description: string;
  readonly plan: string;
  readonly events: string;
  readonly logs: string;
  readonly certificates: string;
  readonly config: string;
  /** containerd's images: the one folder that outlives the instance. */
  readonly containerd: string;
  /** Data that is worthless without the running instance. */
  readonly data: string;
  readonly node: string;
  readonly context: string;
  readonly device: string;
  readonly cgroup: string;
}

export function layoutOf(cache: string, name = 'default'): Layout {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name) || name.endsWith('-')) throw new NameInvalid({ name });
  const root = resolve(cache);
  const folder = join(root, 'clusters', name);
  // Two caches on one machine may hold instances of the same name; what is visible outside must differ.
  const id = createHash('sha256').update(`${root}\0${name}`).digest('hex').slice(0, 6);
  return {
    name,
    cache: root,
    folder,
    kubeconfig: join(folder, 'kubeconfig'),
    record: join(folder, 'record.json'),
    description: join(folder, 'cluster.json'),
    plan: join(folder, 'plan.json'),
    events: join(folder, 'events.jsonl'),
    logs: join(folder, 'logs'),
    certificates: join(folder, 'certificates'),
    config: join(folder, 'config'),
    containerd: join(folder, 'containerd'),
    data: join(folder, 'data'),
    node: `ephemera-${name}`,
    context: `ephemera-${name}`,
    device: `eph-${id}`,
    cgroup: `ephemera-${name}-${id}`,
  };
}

/** Everybody's: tools and images, shared by all instances of a cache. */
export function sharedFolders(cache: string): { tools: string; images: string; clusters: string } {
  const root = resolve(cache);
  return { tools: join(root, 'tools'), images: join(root, 'images'), clusters: join(root, 'clusters') };
}
