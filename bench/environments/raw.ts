import { randomBytes } from 'node:crypto';
import { guardrailObjects, namespaceObject } from '@ephemera/server/objects';
import { readSettings } from '@ephemera/server/settings';
import type { ClusterAccess } from '@ephemera/kube';
import { fieldManager, instanceLabel, type Manifest } from '@ephemera/model';
import { openApiServer, type ApiServer } from '../api-server.ts';
import { seconds } from '../figures.ts';
import { objectPath } from '../object-path.ts';
import { waitFor } from '../wait.ts';

export interface RawOptions {
  readonly access: ClusterAccess;
  readonly count: number;
  /** As many as the server uses. */
  readonly connections: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Raw {
  /** Until the last object of the last namespace was answered for. */
  readonly createdMs: number;
  /** From the first deletion until no namespace is left. */
  readonly deletedMs: number;
}

interface Listing {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

/** What the cluster itself can do: the objects of so many environments, written one namespace after another over each connection. */
export async function measureRaw(options: RawOptions): Promise<Raw> {
  const { access, count, connections, signal, say } = options;
  const instance = `bench-${randomBytes(4).toString('hex')}`;
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const ours = `/api/v1/namespaces?limit=5000&labelSelector=${encodeURIComponent(`${instanceLabel}=${instance}`)}`;
  using api = await openApiServer(access, connections);
  const create = async (number: number) => {
    for (const object of objectsOf(instance, number)) {
      await api.call('PATCH', `${objectPath(object)}?fieldManager=${fieldManager}&force=true`, object);
    }
  };
  const remove = (number: number) =>
    api.call('DELETE', `/api/v1/namespaces/${nameOf(instance, number)}`, { propagationPolicy: 'Background' });

  try {
    const createdAt = performance.now();
    await overConnections(numbers, connections, create, signal);
    const createdMs = performance.now() - createdAt;
    say(`  raw: ${count} namespaces with their objects in ${seconds(createdMs)}`);

    const deletedAt = performance.now();
    await overConnections(numbers, connections, remove, signal);
    await waitFor({
      what: 'the raw namespaces to be gone',
      timeoutMs: 120_000 + count * 2_000,
      everyMs: 100,
      signal,
      look: async () => (await api.call<Listing>('GET', ours)).items.length,
      until: (left) => left === 0,
      progress: (left, ms) => say(`  raw: ${left} of ${count} left after ${seconds(ms)}`),
    });
    const deletedMs = performance.now() - deletedAt;
    say(`  raw: ${count} namespaces gone in ${seconds(deletedMs)}`);
    return { createdMs, deletedMs };
  } catch (error) {
    await removeAll(api, ours);
    throw error;
  }
}

function nameOf(instance: string, number: number): string {
  return `${instance}-${number}`;
}

function objectsOf(instance: string, number: number): Manifest[] {
  const settings = readSettings({});
  const environment = {
    id: number,
    namespace: nameOf(instance, number),
    prNumber: number,
    repositoryFullName: 'bench/raw',
    repositoryName: 'raw',
    branchName: `feat/${number}`,
    wantedSha: 'a'.repeat(40),
    isFork: false,
    generation: 1,
  };
  const limits = {
    cpu: settings.QUOTA_CPU,
    memory: settings.QUOTA_MEMORY,
    pods: settings.QUOTA_PODS,
    services: settings.QUOTA_SERVICES,
    persistentVolumeClaims: settings.QUOTA_PVCS,
    secrets: settings.QUOTA_SECRETS,
    configMaps: settings.QUOTA_CONFIGMAPS,
    defaultCpu: settings.LIMIT_DEFAULT_CPU,
    defaultMemory: settings.LIMIT_DEFAULT_MEMORY,
  };
  return [namespaceObject(environment), ...guardrailObjects(environment, limits)].map((object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, [instanceLabel]: instance } },
  }));
}

async function overConnections(
  numbers: readonly number[],
  connections: number,
  run: (number: number) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...numbers];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      signal.throwIfAborted();
      await run(next);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

/** After a failure or Ctrl-C: the deletions are asked for, and the cluster goes on by itself. */
async function removeAll(api: ApiServer, ours: string): Promise<void> {
  const { items } = await api.call<Listing>('GET', ours);
  for (const { metadata } of items) await api.call('DELETE', `/api/v1/namespaces/${metadata.name}`).catch(() => {});
}
