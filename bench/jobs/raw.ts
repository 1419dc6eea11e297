import { compile, type KubernetesJobManifest } from '@ephemera/job/compile';
import type { Job } from '@ephemera/model';
import type { ApiServer } from '../api-server.ts';
import { collectionPath } from '../object-path.ts';
import { roundLabel } from './job.ts';

interface RawOptions {
  readonly api: ApiServer;
  readonly namespace: string;
  readonly round: string;
  readonly manifests: readonly KubernetesJobManifest[];
  readonly signal: AbortSignal;
}

/**
 * What the cluster itself can do: the same objects, created without a look at what is there, all jobs at once, and one watch until the last
 * is complete. Milliseconds.
 */
export async function runRaw({ api, namespace, round, manifests, signal }: RawOptions): Promise<number> {
  const compiled = manifests.map((manifest) => compile(manifest));
  const startedAt = performance.now();
  await Promise.all(
    compiled.map(async ({ objects }) => {
      for (const object of objects) await api.call('POST', collectionPath(object), object);
    }),
  );
  const complete = new Set<string>();
  const selector = encodeURIComponent(`${roundLabel}=${round}`);
  // Without a version it begins with what is there already.
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs?watch=true&labelSelector=${selector}`;
  for await (const { object } of api.watch<{ readonly object: Job }>(path, signal)) {
    const holds = (type: string) =>
      object.status?.conditions?.some((each) => each.type === type && each.status === 'True');
    if (holds('Failed')) throw new Error(`raw: Job ${object.metadata.name} failed`);
    if (holds('Complete')) complete.add(object.metadata.name);
    if (complete.size === manifests.length) return performance.now() - startedAt;
  }
  throw new Error(`raw: the watch ended with ${complete.size} of ${manifests.length} jobs complete`);
}
