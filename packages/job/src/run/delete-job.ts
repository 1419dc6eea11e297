import { isOwned, kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { describeRef, refText, type KubeObject, type ObjectRef } from '@ephemera/model';
import { DeleteDeadline } from './errors.ts';
import { batchJob, jobOwner, ownerInWords, type JobRef } from './job-ref.ts';
import { contentKinds, contentsOfOthers } from './namespace-contents.ts';
import { startPauses, type Patience } from './patience.ts';
import { removeContents, type Contents } from './remove-contents.ts';

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
 * nobody else has anything in it. Returns when all is gone. Can be called at any stage and again: nothing there is fine.
 *
 * Throws `kube.foreign` when the Job of that name is somebody else's, and `job.delete_deadline`; then nothing of others was touched.
 */
export async function deleteJob(cluster: Cluster, ref: JobRef, options: DeleteOptions = {}): Promise<Deletion> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  const owned = cluster.as(jobOwner(ref));
  const present = await cluster.get(batchJob(ref), signal);
  if (present && ref.uid !== undefined && present.metadata.uid !== ref.uid) return keepOther(present);
  if (present && !isOwned(present, owned.owner)) throw foreign(ref, present);
  const contents: Contents = {
    cluster: owned,
    namespace: ref.namespace,
    job: describeRef(batchJob(ref)),
    timeoutMs,
    pauses: startPauses({ ...options, timeoutMs }),
    signal,
  };
  const removed = await removeContents(contents);
  const namespace = await removeNamespace(contents);
  return { removed: [...removed, ...namespace.removed], kept: namespace.kept };
}

/** The Secrets and ConfigMaps that carry the job's labels are those of the newer Job, then. */
function keepOther(present: KubeObject): Deletion {
  const because = `it is a later Job of that name (UID ${present.metadata.uid ?? 'unknown'})`;
  return { removed: [], kept: [{ object: refText(refOf(present)), because }] };
}

function foreign(ref: JobRef, present: KubeObject): Error {
  return new kubeErrors.Foreign({ what: describeRef(batchJob(ref)), owner: ownerInWords(present) });
}

const nothing: Deletion = { removed: [], kept: [] };

async function removeNamespace(contents: Contents): Promise<Deletion> {
  const { cluster, namespace: name, pauses, job, timeoutMs, signal } = contents;
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name };
  const namespace = await readIfAllowed(cluster, ref, signal);
  if (!namespace || !isOwned(namespace, cluster.owner)) return nothing;
  const object = refText(ref);
  if (namespace.metadata.deletionTimestamp === undefined) {
    const others = await othersIn(contents);
    if (others.length > 0) return { removed: [], kept: [{ object, because: holdsInWords(others) }] };
  }
  for (;;) {
    const removal = await cluster.remove(ref, { uid: namespace.metadata.uid, signal });
    if (removal.state === 'gone') return { removed: [object], kept: [] };
    const waiting = `Namespace ${name} still there${removal.waitingFor === undefined ? '' : `: ${removal.waitingFor}`}.`;
    if (!(await pauses.next(waiting))) throw new DeleteDeadline({ job, timeoutMs, left: [object], waiting });
  }
}

/** Who may not even read namespaces has not made one. */
async function readIfAllowed(cluster: Cluster, ref: ObjectRef, signal: AbortSignal | undefined) {
  try {
    return await cluster.get(ref, signal);
  } catch (error) {
    if (error instanceof kubeErrors.Forbidden) return undefined;
    throw error;
  }
}

async function othersIn({ cluster, namespace, signal }: Contents): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(contentKinds.map((kind) => cluster.list(kind, { namespace, signal })));
  return contentsOfOthers(
    lists.flatMap(({ items }) => items),
    cluster.owner,
  );
}

const namedAtMost = 10;

function holdsInWords(others: readonly KubeObject[]): string {
  const names = others.slice(0, namedAtMost).map((object) => refText(refOf(object)));
  const more = others.length - names.length;
  return `others have something in it: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
