import { readFile } from 'node:fs/promises';
import { apiServerPort, registryPort, type Addresses } from './addresses.ts';
import { nodeIsReady, versionOf } from './api.ts';
import type { ClusterOptions, ClusterStatus } from './contract.ts';
import { layoutOf, type Layout } from './layout.ts';
import { isAlive, readRecord, type NodeRecord } from './record.ts';

export async function clusterStatus(options: ClusterOptions): Promise<ClusterStatus> {
  const layout = layoutOf(options.cache, options.name);
  const record = await readRecord(layout.record);
  if (record === undefined || !(await isAlive(record))) return down(layout);
  const addresses = await readAddresses(layout);
  if (addresses === undefined) return { ...down(layout), state: 'broken' };
  const [version, ready] = await Promise.all([
    versionOf(layout, record.loopbackPort),
    nodeIsReady(layout, record.loopbackPort),
  ]);
  return describe(layout, addresses, record, ready ? (version ?? null) : null);
}

/** The addresses are written last, when the instance is complete: without them it was interrupted. */
async function readAddresses(layout: Layout): Promise<Addresses | undefined> {
  const text = await readFile(layout.description, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Addresses);
}

function describe(layout: Layout, addresses: Addresses, record: NodeRecord, version: string | null): ClusterStatus {
  return {
    name: layout.name,
    state: version === null ? 'broken' : 'up',
    version,
    kubeconfig: layout.kubeconfig,
    apiServer: `https://${addresses.node}:${apiServerPort}`,
    apiServerLoopback: `https://127.0.0.1:${record.loopbackPort}`,
    registry: `${addresses.node}:${registryPort}`,
    nodeAddress: addresses.node,
  };
}

function down(layout: Layout): ClusterStatus {
  return {
    name: layout.name,
    state: 'down',
    version: null,
    kubeconfig: null,
    apiServer: null,
    apiServerLoopback: null,
    registry: null,
    nodeAddress: null,
  };
}
