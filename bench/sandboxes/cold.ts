import { Sandbox } from '@ephemera/sandbox';
import type { Place } from './place.ts';
import { firstReady, podsOf, untilNoPods, type Conditioned } from './ready.ts';
import { benchPod, peerSandbox, sandboxOptions } from './things.ts';
import { inTurn } from './turns.ts';

/** A bare pod as most are, one without volumes, ours, and the sandbox of agent-sandbox. */
export const WAYS = ['pod', 'pod_without_volumes', 'sandbox', 'peer'] as const;
export type Way = (typeof WAYS)[number];

/** From the first call, in milliseconds. */
export interface Start {
  /** Ours: until its runner answers. */
  readonly readyMs: number;
  /** Until `true` has ended in it with 0: by `kubectl exec` once it is ready, by ours as its users run commands. */
  readonly resultMs: number;
}

export type Starts = Readonly<Record<Way, readonly Start[]>>;

export interface ColdOptions {
  readonly rounds: number;
  /** Whether the peer's controller runs. */
  readonly withPeer: boolean;
}

const timeoutMs = 120_000;
const peerPath = (namespace: string): string => `/apis/agents.x-k8s.io/v1beta1/namespaces/${namespace}/sandboxes`;

/** The ways take turns, and each start finds an empty namespace. */
export async function measureCold(place: Place, { rounds, withPeer }: ColdOptions): Promise<Starts> {
  const ways = WAYS.filter((way) => way !== 'peer' || withPeer);
  const measured: Record<Way, Start[]> = { pod: [], pod_without_volumes: [], sandbox: [], peer: [] };
  // The first of everything reads code, makes connections and fills caches, whoever makes it.
  for (const way of ways) await startOne(place, way, `warm-${ways.indexOf(way)}`);
  for (const [at, way] of inTurn(ways, rounds).entries()) {
    const start = await startOne(place, way, `cold-${at}`);
    place.say(`  ${way.padEnd(20)} ${Math.round(start.readyMs)} ms, result ${Math.round(start.resultMs)} ms`);
    measured[way].push(start);
  }
  return measured;
}

async function startOne(place: Place, way: Way, name: string): Promise<Start> {
  const { api, namespace } = place;
  const signal = AbortSignal.any([place.signal, AbortSignal.timeout(timeoutMs)]);
  const here = { ...place, signal };
  const start =
    way === 'sandbox'
      ? await startSandbox(here)
      : way === 'peer'
        ? await startObject(here, { collection: peerPath(namespace), name, object: peerSandbox(namespace, name) })
        : await startObject(here, {
            collection: podsOf(namespace),
            name,
            object: benchPod({ namespace, name, token: way === 'pod' }),
          });
  await untilNoPods({ api, namespace, signal });
  return start;
}

async function startSandbox({ host, signal }: Place): Promise<Start> {
  const startedAt = performance.now();
  await using sandbox = await Sandbox.create({ ...sandboxOptions, on: host, signal });
  const readyMs = performance.now() - startedAt;
  const { exitCode } = await sandbox.commands.run(['true'], { signal });
  if (exitCode !== 0) throw new Error(`true ended with ${exitCode}`);
  return { readyMs, resultMs: performance.now() - startedAt };
}

interface Making {
  readonly collection: string;
  /** Of the object and of its pod. */
  readonly name: string;
  readonly object: object;
}

async function startObject(place: Place, { collection, name, object }: Making): Promise<Start> {
  const { api, kubectl, namespace, signal } = place;
  const startedAt = performance.now();
  const { metadata } = await api.call<Conditioned>('POST', collection, object);
  const selector = `fieldSelector=metadata.name%3D${name}`;
  await firstReady({ api, collection, selector, since: metadata.resourceVersion, signal });
  const readyMs = performance.now() - startedAt;
  await kubectl.run('exec', name, '-n', namespace, '--', 'true');
  const resultMs = performance.now() - startedAt;
  await api.call('DELETE', `${collection}/${name}`, { propagationPolicy: 'Foreground' });
  return { readyMs, resultMs };
}
