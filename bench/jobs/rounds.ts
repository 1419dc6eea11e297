import type { Cluster } from '@ephemera/kube';
import type { ApiServer } from '../api-server.ts';
import { seconds } from '../figures.ts';
import { waitFor } from '../wait.ts';
import { benchJob, roundLabel } from './job.ts';
import { runFollowed, runWatched } from './product.ts';
import { runRaw } from './raw.ts';
import { roundsFor, turns, type Way } from './turns.ts';

export interface Place {
  readonly api: ApiServer;
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Milliseconds of each round. */
export type Rounds = Readonly<Record<Way, readonly number[]>>;

const timeoutMs = 180_000;

/** The ways take turns, each goes first as often as the others, and every round starts with an empty namespace. */
export async function measureRounds(place: Place, count: number): Promise<Rounds> {
  const measured = { raw: [] as number[], followed: [] as number[], watched: [] as number[] };
  // The first pod of a namespace takes longer, whoever makes it.
  await runRound(place, { way: 'raw', count: 1, round: `warm-${count}` });
  for (const [at, way] of turns(roundsFor(count)).entries()) {
    const ms = await runRound(place, { way, count, round: `r${count}-${at}` });
    place.say(`  ${way.padEnd(8)} ${seconds(ms)}`);
    measured[way].push(ms);
  }
  return measured;
}

interface Round {
  readonly way: Way;
  readonly count: number;
  readonly round: string;
}

async function runRound(place: Place, { way, count, round }: Round): Promise<number> {
  const { api, cluster, namespace } = place;
  const names = Array.from({ length: count }, (_, at) => `${way}-${round}-${at}`);
  const manifests = names.map((name) => benchJob({ namespace, name, round }));
  const signal = AbortSignal.any([place.signal, AbortSignal.timeout(timeoutMs)]);
  const ms = await { raw: runRaw, followed: runFollowed, watched: runWatched }[way]({
    api,
    cluster,
    namespace,
    round,
    manifests,
    signal,
  });
  await clear(place, round);
  return ms;
}

interface Listing {
  readonly items: readonly unknown[];
}

/** Removes the objects of a round and waits until they and its pods are gone, so that their end is not part of the next round. */
export async function clear({ api, namespace, signal }: Place, round: string): Promise<void> {
  const selector = `labelSelector=${encodeURIComponent(`${roundLabel}=${round}`)}`;
  const core = `/api/v1/namespaces/${namespace}`;
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs?${selector}`;
  await api.call('DELETE', jobs, { propagationPolicy: 'Background' });
  await api.call('DELETE', `${core}/secrets?${selector}`);
  await api.call('DELETE', `${core}/configmaps?${selector}`);
  await waitFor({
    what: `the objects of round ${round} to be gone`,
    timeoutMs,
    everyMs: 100,
    signal,
    look: async () => {
      const kinds = ['pods', 'secrets', 'configmaps'].map((plural) => `${core}/${plural}?${selector}`);
      const lists = await Promise.all([jobs, ...kinds].map((path) => api.call<Listing>('GET', path)));
      return lists.reduce((sum, { items }) => sum + items.length, 0);
    },
    until: (left) => left === 0,
  });
}
