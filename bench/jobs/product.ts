import { followJob, runJob, watchJobs, type KubernetesJobManifest } from '@ephemera/job';
import type { Cluster } from '@ephemera/kube';
import { roundLabel } from './job.ts';

interface ProductOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly round: string;
  readonly manifests: readonly KubernetesJobManifest[];
  readonly signal: AbortSignal;
}

/** Each job run and followed to its end, with its pods and its log, all at once. Milliseconds. */
export async function runFollowed({ cluster, manifests, signal }: ProductOptions): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(
    manifests.map(async (manifest) => {
      const started = await runJob(cluster, manifest, { signal });
      let lines = 0;
      const { outcome } = await followJob(cluster, started, {
        signal,
        onEvent: (event) => {
          if (event.type === 'log') lines += 1;
        },
      });
      if (outcome !== 'complete' || lines !== 1) {
        throw new Error(`Job ${started.name} ended as ${outcome} with ${lines} lines, and not as complete with one`);
      }
    }),
  );
  return performance.now() - startedAt;
}

/** Each job run, and all of them watched by one watch until the last is complete. Milliseconds. */
export async function runWatched({ cluster, namespace, round, manifests, signal }: ProductOptions): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(manifests.map((manifest) => runJob(cluster, manifest, { signal })));
  const complete = new Set<string>();
  const end = new AbortController();
  const stop = (error?: unknown) => end.abort(error);
  await watchJobs(cluster, {
    namespace,
    labelSelector: `${roundLabel}=${round}`,
    signal: AbortSignal.any([signal, end.signal]),
    onError: stop,
    onGone: ({ name }) => stop(new Error(`Job ${name} is gone`)),
    onStatus: ({ name, state }) => {
      if (state === 'Failed') stop(new Error(`Job ${name} failed`));
      if (state === 'Complete') complete.add(name);
      if (complete.size === manifests.length) stop();
    },
  });
  signal.throwIfAborted();
  if (complete.size < manifests.length) end.signal.throwIfAborted();
  return performance.now() - startedAt;
}
