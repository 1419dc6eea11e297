import { refOf, type Cluster, type KnownKind } from '@ephemera/kube';
import { refText, type KubeObject } from '@ephemera/model';
import { DeleteDeadline } from './errors.ts';
import type { Pauses } from './patience.ts';
import { whatIsLeft } from './what-is-left.ts';

export interface Contents {
  /** As the owner of what is removed. */
  readonly cluster: Cluster;
  readonly namespace: string;
  /** For messages. */
  readonly job: string;
  readonly timeoutMs: number;
  readonly pauses: Pauses;
  readonly signal: AbortSignal | undefined;
}

/** The Job with its pods first, and then what they read: a pod that ends in order may still need its ConfigMap. */
const stages: readonly (readonly KnownKind[])[] = [
  ['batch/v1/Job', 'v1/Pod'],
  ['v1/Secret', 'v1/ConfigMap'],
];
const all = stages.flat();

/**
 * Removes what the owner has in a namespace and returns its names when a last look has found nothing. Repeatable at any point; what is
 * gone already is not missed. Throws `job.delete_deadline`.
 */
export async function removeContents(contents: Contents): Promise<readonly string[]> {
  const removed = new Set<string>();
  for (;;) {
    const found = await look(contents, all);
    for (const object of found) removed.add(refText(refOf(object)));
    if (found.length === 0) return [...removed];
    for (const stage of stages) await removeStage(contents, stage, removed);
  }
}

async function removeStage(contents: Contents, kinds: readonly KnownKind[], removed: Set<string>): Promise<void> {
  const { job, timeoutMs, pauses } = contents;
  for (;;) {
    const left = await look(contents, kinds);
    if (left.length === 0) return;
    for (const object of left) removed.add(refText(refOf(object)));
    await Promise.all(removableNow(left).map((object) => removeOne(contents, object)));
    const waiting = whatIsLeft(left);
    if (await pauses.next(waiting)) continue;
    const names = left.map((object) => refText(refOf(object)));
    throw new DeleteDeadline({ job, timeoutMs, left: names, waiting });
  }
}

/** While a Job is there, its pods are the cluster's to end: deleting one of them would make the Job start another. */
function removableNow(left: readonly KubeObject[]): readonly KubeObject[] {
  const jobs = left.filter(({ kind }) => kind === 'Job');
  return (jobs.length > 0 ? jobs : left).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

async function removeOne({ cluster, signal }: Contents, object: KubeObject): Promise<void> {
  // A Job's default would leave its pods behind.
  const propagation = object.kind === 'Job' ? 'Foreground' : 'Background';
  await cluster.remove(refOf(object), { uid: object.metadata.uid, propagation, signal });
}

async function look({ cluster, namespace, signal }: Contents, kinds: readonly KnownKind[]) {
  const lists = await Promise.all(
    kinds.map((kind) => cluster.list(kind, { namespace, labelSelector: cluster.ours, signal })),
  );
  return lists.flatMap(({ items }) => items);
}
