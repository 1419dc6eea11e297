import { Sandbox } from '@ephemera/sandbox';
import { seconds } from '../figures.ts';
import type { Place } from './place.ts';
import { podsOf, readyOnes, untilNoPods, type Conditioned } from './ready.ts';
import { benchPod, partLabel, sandboxOptions } from './things.ts';
import { execTrue } from './warm.ts';

/** Milliseconds. */
export interface Crowd {
  /** From the first call until `true` has ended with 0 in each. */
  readonly resultMs: number;
  /** From the first removal until nothing of any is left. */
  readonly goneMs: number;
}

export interface Crowds {
  readonly pods: readonly Crowd[];
  readonly sandboxes: readonly Crowd[];
}

const timeoutMs = 300_000;
/** Each goes first once, and each follows the other once. */
const order = ['pods', 'sandboxes', 'sandboxes', 'pods'] as const;

/** So many bare pods at once, and so many sandboxes at once. */
export async function measureAtOnce(place: Place, count: number): Promise<Crowds> {
  const measured = { pods: [] as Crowd[], sandboxes: [] as Crowd[] };
  for (const [at, way] of order.entries()) {
    const signal = AbortSignal.any([place.signal, AbortSignal.timeout(timeoutMs)]);
    const here = { ...place, signal };
    const crowd = way === 'pods' ? await podsAtOnce(here, count, `crowd-${at}`) : await sandboxesAtOnce(here, count);
    place.say(`  ${way.padEnd(10)} ${seconds(crowd.resultMs)}, gone in ${seconds(crowd.goneMs)}`);
    measured[way].push(crowd);
  }
  return measured;
}

async function sandboxesAtOnce({ api, host, namespace, signal }: Place, count: number): Promise<Crowd> {
  const startedAt = performance.now();
  const sandboxes = await Promise.all(
    Array.from({ length: count }, async () => {
      const sandbox = await Sandbox.create({ ...sandboxOptions, on: host, signal });
      const { exitCode } = await sandbox.commands.run(['true'], { signal });
      if (exitCode !== 0) throw new Error(`true in ${sandbox.id} ended with ${exitCode}`);
      return sandbox;
    }),
  );
  const endedAt = performance.now();
  await Promise.all(sandboxes.map((sandbox) => sandbox.kill({ signal })));
  await untilNoPods({ api, namespace, signal });
  return { resultMs: endedAt - startedAt, goneMs: performance.now() - endedAt };
}

async function podsAtOnce(place: Place, count: number, part: string): Promise<Crowd> {
  const { api, cluster, namespace, signal } = place;
  const collection = podsOf(namespace);
  const names = Array.from({ length: count }, (_, at) => `${part}-${at}`);
  const { metadata } = await api.call<{ metadata: { resourceVersion: string } }>('GET', collection);
  const startedAt = performance.now();
  const created = Promise.all(
    names.map((name) => api.call<Conditioned>('POST', collection, benchPod({ namespace, name, part, token: true }))),
  );
  const results: Promise<void>[] = [];
  const selector = `labelSelector=${encodeURIComponent(`${partLabel}=${part}`)}`;
  const watched = (async () => {
    for await (const pod of readyOnes({ api, collection, selector, since: metadata.resourceVersion, signal })) {
      results.push(execTrue(cluster, { namespace, pod, container: 'main', signal }));
      if (results.length === count) break;
    }
    await Promise.all(results);
  })();
  await Promise.all([created, watched]);
  const endedAt = performance.now();
  await Promise.all(names.map((name) => api.call('DELETE', `${collection}/${name}`)));
  await untilNoPods({ api, namespace, signal });
  return { resultMs: endedAt - startedAt, goneMs: performance.now() - endedAt };
}
