import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectCluster, instanceOwner, findAccess, type ClusterAccess } from '@ephemera/kube';
import type { KubeObject } from '@ephemera/model';
import type { BenchOptions, Measured } from '../benchmark.ts';
import { clusterOf } from '../cluster.ts';
import type { Figure } from '../figures.ts';
import { figuresOf, growthOf, type Growing } from './aims.ts';
import { measureProduct } from './product.ts';
import { measureRaw } from './raw.ts';

/** How many keys a server works on at once, and so how many calls to the cluster it has under way. */
const connections = 16;

/** Opens so many pull requests at once against a real server and a real cluster, closes them, and does the same without the server. */
export async function environments(options: BenchOptions): Promise<Measured> {
  const { counts, context, profile, signal, say } = options;
  const figures: Figure[] = [];
  const leftovers: string[] = [];
  const runs: Growing[] = [];
  const folders: string[] = [];
  {
    await using cluster = await clusterOf({ context, signal, say });
    const access = findAccess({ context, kubeconfigPath: cluster.kubeconfigPath });
    say(`Measured on ${access.source}`);
    for (const count of counts) {
      say(`\n${count} environments`);
      const raw = await measureRaw({ access, count, connections, signal, say });
      using folder = temporaryFolder();
      folders.push(folder.path);
      const { kubeconfigPath } = cluster;
      const removeAll = (instance: string) => removeNamespaces(access, instance);
      const places = { kubeconfigPath, dataDir: folder.path, context, profile };
      const product = await measureProduct({ count, ...places, removeAll, signal, say });
      figures.push(...figuresOf(count, raw, product));
      runs.push({ count, product });
      leftovers.push(...(await namespacesOf(access, product.instance)));
    }
  }
  figures.push(...growthOf(runs));
  leftovers.push(...folders.filter((path) => existsSync(path)).map((path) => `Folder//${path}`));
  return { figures, leftovers };
}

async function namespacesOf(access: ClusterAccess, instance: string): Promise<string[]> {
  await using cluster = await connectCluster(access, instanceOwner(instance));
  const { items } = await cluster.list<KubeObject>('v1/Namespace', { labelSelector: cluster.ours });
  return items.map(({ metadata }) => `Namespace//${metadata.name}`);
}

async function removeNamespaces(access: ClusterAccess, instance: string): Promise<void> {
  await using cluster = await connectCluster(access, instanceOwner(instance));
  const { items } = await cluster.list<KubeObject>('v1/Namespace', { labelSelector: cluster.ours });
  await Promise.all(
    items.map(({ metadata }) => cluster.remove({ apiVersion: 'v1', kind: 'Namespace', name: metadata.name })),
  );
}

function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'ephemera-bench-'));
  // As root the database runs as another user, who has to get in.
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
