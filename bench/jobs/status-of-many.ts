import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compile, watchJobs, type JobStatus } from '@ephemera/job';
import { collectionPath, objectPath } from '../object-path.ts';
import { benchJob, roundLabel } from './job.ts';
import { clear, type Place } from './rounds.ts';
import { countTraffic } from './traffic.ts';

/** Times in milliseconds, one of each round. */
export interface StatusOfMany {
  /** One list of all Jobs, as the API server gives it. */
  readonly raw: readonly number[];
  /** From the start of the watch until all statuses are known. */
  readonly known: readonly number[];
  /** From sending a change of one Job until its status is told. */
  readonly changeKnown: readonly number[];
  readonly rawBytes: number;
  /** Until all statuses are known. */
  readonly bytes: number;
  /** What is kept while it goes on watching. */
  readonly heapBytes: number;
  /** Requests for a watch in one round. */
  readonly watches: number;
}

const rounds = 5;
const senders = 16;
const timeoutMs = 60_000;
const round = 'status';

/** So many Jobs that are suspended, so that nothing runs: how long until all of their statuses are known. */
export async function measureStatus(place: Place, count: number): Promise<StatusOfMany> {
  await createSuspended(place, count);
  place.say(`  they are there`);
  const raw: number[] = [];
  const seen: Seen[] = [];
  let rawBytes = 0;
  for (let at = 0; at < rounds; at += 1) {
    const listed = await listRaw(place, count);
    raw.push(listed.ms);
    rawBytes = listed.bytes;
    seen.push(await watchAll(place, count, at));
  }
  await clear(place, round);
  return {
    raw,
    known: seen.map(({ knownMs }) => knownMs),
    changeKnown: seen.map(({ changeKnownMs }) => changeKnownMs),
    rawBytes,
    bytes: Math.max(...seen.map(({ bytes }) => bytes)),
    // What is found beside it, such as code that was compiled meanwhile, only adds.
    heapBytes: Math.min(...seen.map(({ heapBytes }) => heapBytes)),
    watches: Math.max(...seen.map(({ watches }) => watches)),
  };
}

async function createSuspended({ api, namespace, signal }: Place, count: number): Promise<void> {
  const waiting = Array.from({ length: count }, (_, at) => `suspended-${at}`);
  const sender = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      signal.throwIfAborted();
      const { job } = compile(benchJob({ namespace, name, round, suspend: true }));
      await api.call('POST', collectionPath({ ...job }), job);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
}

const selector = `${roundLabel}=${round}`;

async function listRaw({ api, namespace }: Place, count: number): Promise<{ ms: number; bytes: number }> {
  const startedAt = performance.now();
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs?labelSelector=${encodeURIComponent(selector)}`;
  const list = await api.call<{ items: readonly unknown[] }>('GET', path);
  const ms = performance.now() - startedAt;
  if (list.items.length !== count) throw new Error(`raw: ${list.items.length} of ${count} jobs are listed`);
  return { ms, bytes: JSON.stringify(list).length };
}

interface Seen {
  readonly knownMs: number;
  readonly changeKnownMs: number;
  readonly bytes: number;
  readonly heapBytes: number;
  readonly watches: number;
}

async function watchAll(place: Place, count: number, at: number): Promise<Seen> {
  const { cluster, namespace, signal } = place;
  const statuses = new Map<string, JobStatus>();
  const changed = `suspended-${at}`;
  const end = new AbortController();
  const all = Promise.withResolvers<number>();
  const change = Promise.withResolvers<number>();
  const fail = (error: unknown) => {
    all.reject(error);
    change.reject(error);
  };
  const heapBefore = heapUsed();
  using traffic = countTraffic();
  const startedAt = performance.now();
  const watching = watchJobs(cluster, {
    namespace,
    labelSelector: selector,
    signal: AbortSignal.any([signal, end.signal, AbortSignal.timeout(timeoutMs)]),
    onError: fail,
    onGone: ({ name }) => fail(new Error(`Job ${name} is gone`)),
    onStatus: (status) => {
      statuses.set(status.uid, status);
      if (statuses.size === count) all.resolve(performance.now());
      if (status.name === changed && status.parallelism === 2) change.resolve(performance.now());
    },
  }).then(() => fail(new Error(`${statuses.size} of ${count} statuses within ${timeoutMs} ms, or a change not seen`)));
  // Who waits for the first of them hears of an error already.
  change.promise.catch(() => {});
  try {
    const knownMs = (await all.promise) - startedAt;
    const bytes = traffic.bytes();
    const changedAt = performance.now();
    await changeOne(place, changed);
    const changeKnownMs = (await change.promise) - changedAt;
    const watches = traffic.requests().filter((request) => request.includes('watch=true')).length;
    return { knownMs, changeKnownMs, bytes, heapBytes: heapUsed() - heapBefore, watches };
  } finally {
    end.abort();
    await watching;
  }
}

/** Two pods at a time instead of one; it stays suspended. */
async function changeOne({ api, namespace }: Place, name: string): Promise<void> {
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace } };
  const change = { ...job, spec: { parallelism: 2 } };
  await api.call('PATCH', `${objectPath(job)}?fieldManager=ephemera-bench&force=true`, change);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
