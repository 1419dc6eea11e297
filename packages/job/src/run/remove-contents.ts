import { refOf, type Cluster, type KnownKind } from '@ephemera/kube';
import { refText, type KubeObject } from '@ephemera/model';
import { DeleteDeadline } from './errors.ts';
import { partsOfJob, type Meant } from './parts-of-job.ts';
import type { Pauses } from './patience.ts';
import { whatIsLeft } from './what-is-left.ts';

export interface Contents {
  /** As the owner of what is removed. */
  readonly cluster: Cluster;
  readonly namespace: string;
  /** For messages. */
  readonly job: string;
  /** The UID of the Job that is meant; undefined when there is none. */
  readonly uid: string | undefined;
  readonly timeoutMs: number;
  readonly pauses: Pauses;
  readonly signal: AbortSignal | undefined;
}

export interface Removed {
  /** `kind/namespace/name`. */
  readonly names: ReadonlySet<string>;
  readonly uids: ReadonlySet<string | undefined>;
  /** What a later run of the job has there by now; it was left alone. */
  readonly later: readonly KubeObject[];
}

/** The Job with its pods first, and then what they read: a pod that ends in order may still need its ConfigMap. */
const stages: readonly (readonly KnownKind[])[] = [
  ['batch/v1/Job', 'v1/Pod'],
  ['v1/Secret', 'v1/ConfigMap'],
];
const kinds = stages.flat();

/**
 * Removes one Job and what belongs to it, and returns when a last look has found nothing of it. A later Job of the same name, and what
 * belongs to that one, are left alone at whatever moment they come. Repeatable at any point; what is gone already is not missed. Nothing
 * is removed before all of it could be read. Throws `job.delete_deadline`.
 */
export async function removeContents(contents: Contents): Promise<Removed> {
  const first = await look(contents);
  const meant: Meant = { uid: contents.uid, seen: new Set(first.map(({ metadata }) => metadata.uid)) };
  const texts = new Map<string | undefined, string>();
  for (let found = first; ; found = await look(contents)) {
    const { meant: ours, later } = partsOfJob(found, meant);
    for (const object of ours) texts.set(object.metadata.uid, refText(refOf(object)));
    // A later run may have taken over what was about to be removed.
    for (const { metadata } of later) texts.delete(metadata.uid);
    if (ours.length === 0)
      return { names: new Set(texts.values()), uids: new Set([contents.uid, ...texts.keys()]), later };
    await removeSome(contents, ours);
  }
}

/** One step: deletes what has its turn, and waits a moment. */
async function removeSome(contents: Contents, meant: readonly KubeObject[]): Promise<void> {
  const { job, timeoutMs, pauses } = contents;
  const turn = stages.map((stage) => meant.filter((object) => stage.includes(kindOf(object))));
  const left = turn.find((objects) => objects.length > 0) ?? [];
  const removable = removableNow(left);
  for (let at = 0; at < removable.length; at += removedAtOnce)
    await Promise.all(removable.slice(at, at + removedAtOnce).map((object) => removeOne(contents, object)));
  const waiting = whatIsLeft(left);
  if (await pauses.next(waiting)) return;
  const names = left.map((object) => refText(refOf(object)));
  throw new DeleteDeadline({ job, timeoutMs, left: names, waiting });
}

/** Each is a read and a deletion. */
const removedAtOnce = 20;

function kindOf({ apiVersion, kind }: KubeObject): KnownKind {
  return `${apiVersion}/${kind}` as KnownKind;
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

async function look({ cluster, namespace, signal }: Contents): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    kinds.map((kind) => cluster.list(kind, { namespace, labelSelector: cluster.ours, signal })),
  );
  return lists.flatMap(({ items }) => items);
}
