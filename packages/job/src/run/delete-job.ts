import { isOwned, kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, refText, type KubeObject } from '@ephemera/model';
import { batchJob, jobOwner, ownerInWords, type JobRef } from './job-ref.ts';
import { startPauses, type Patience } from './patience.ts';
import { removeContents, type Contents, type Removed } from './remove-contents.ts';
import { removeNamespace } from './remove-namespace.ts';

export interface DeleteOptions extends Omit<Patience, 'timeoutMs'> {
  /** For all of it. Default 120 000 ms; pods have 30 s to end unless they say otherwise. */
  readonly timeoutMs?: number;
}

/** Objects are named `kind/namespace/name`. */
export interface Deletion {
  /** What was there and is gone, proven by a last look. */
  readonly removed: readonly string[];
  /** What was not deleted, and why. */
  readonly kept: readonly { readonly object: string; readonly because: string }[];
}

const defaultTimeoutMs = 120_000;

/**
 * Deletes everything of a KubernetesJob: the Job with its pods, its Secrets and ConfigMaps, and the namespace if the job made it and
 * nothing else is in it, of whatever kind. Returns when all is gone. Can be called at any stage and again: nothing there is fine.
 *
 * It is about one Job: that with `ref.uid`, else the one that is there at the beginning. One of the same name that comes later is kept,
 * with all that belongs to it, and so is the namespace then.
 *
 * Throws `kube.foreign` when the Job of that name is somebody else's, and `job.delete_deadline`; then nothing of others was touched.
 */
export async function deleteJob(cluster: Cluster, ref: JobRef, options: DeleteOptions = {}): Promise<Deletion> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  const owned = cluster.as(jobOwner(ref));
  const present = await cluster.get(batchJob(ref), signal);
  const uid = ref.uid ?? present?.metadata.uid;
  if (present && present.metadata.uid === uid && !isOwned(present, owned.owner)) throw foreign(ref, present);
  const contents: Contents = {
    cluster: owned,
    namespace: ref.namespace,
    job: describeRef(batchJob(ref)),
    uid,
    timeoutMs,
    pauses: startPauses({ ...options, timeoutMs }),
    signal,
  };
  const removed = await removeContents(contents);
  const namespace = await removeNamespace(contents, removed);
  const object = `Namespace//${ref.namespace}`;
  return {
    removed: [...removed.names, ...(namespace === 'gone' ? [object] : [])],
    kept: [
      ...keptOf(removed, present?.metadata.uid === uid ? undefined : present),
      ...(typeof namespace === 'string' ? [] : [{ object, ...namespace }]),
    ],
  };
}

/** Without the Job of that later run its parts are named themselves: it is about to make it. */
function keptOf({ later }: Removed, atFirst: KubeObject | undefined): Deletion['kept'] {
  const found = later.filter(({ kind }) => kind === 'Job');
  const jobs = found.length === 0 && atFirst !== undefined ? [atFirst] : found;
  if (jobs.length > 0)
    return jobs.map((job) => ({
      object: refText(refOf(job)),
      because: `it is a later Job of that name (UID ${job.metadata.uid ?? 'unknown'})`,
    }));
  return later.map((object) => ({ object: refText(refOf(object)), because: 'a later run of the job has made it' }));
}

function foreign(ref: JobRef, present: KubeObject): Error {
  return new kubeErrors.Foreign({ what: describeRef(batchJob(ref)), owner: ownerInWords(present) });
}
