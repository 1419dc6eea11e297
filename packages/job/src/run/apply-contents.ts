import { kubeErrors, refOf, type Cluster, type KnownKind } from '@ephemera/kube';
import { refText, type Job, type KubeObject } from '@ephemera/model';
import type { CompiledJob } from '../compile/index.ts';
import { encoded, ownedBy } from './job-objects.ts';
import { jobRefOf } from './job-ref.ts';
import type { Made } from './made.ts';
import { jobUidOf } from './parts-of-job.ts';

/** What the pods of a job read, as it is applied. Pure. */
export function contentsOf({ envSecrets, imagePullSecret, configMaps }: CompiledJob): readonly KubeObject[] {
  const secrets = [envSecrets, imagePullSecret].filter((secret) => secret !== undefined).map(encoded);
  return [...secrets, ...configMaps];
}

export function byText(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [refText(refOf(object)), object]));
}

/** Who applies what. */
export interface Applier {
  /** As the job's owner. */
  readonly cluster: Cluster;
  readonly compiled: CompiledJob;
  readonly signal: AbortSignal | undefined;
}

interface Applying {
  /** The Job that they are to belong to, if there is one. */
  readonly job: Job | undefined;
  /** As they were read or written last. */
  readonly read: ReadonlyMap<string, KubeObject>;
  /** Takes those that were not there. */
  readonly made?: Made;
  readonly dryRun?: boolean;
}

/** Applies Secrets and ConfigMaps. All have ended when it returns or throws, so that what was made is known. */
export async function applyContents(
  { cluster, compiled, signal }: Applier,
  { job, read, made, dryRun = false }: Applying,
): Promise<readonly KubeObject[]> {
  const applyOne = async (object: KubeObject): Promise<KubeObject> => {
    const present = read.get(refText(refOf(object)));
    const options = { read: present ?? (dryRun ? 'nothing' : undefined), dryRun, signal } as const;
    const applied = await cluster.apply(job ? ownedBy(object, job) : object, options);
    if (!present) made?.objects.push(applied);
    return applied;
  };
  const contents = contentsOf(compiled);
  const isThere = (object: KubeObject): boolean => read.has(refText(refOf(object)));
  // What is new first: a quota refuses that alone, and it can be removed again, while what was there before is not yet changed.
  const added = await allOf(contents.filter((object) => !isThere(object)).map(applyOne));
  return [...added, ...(await allOf(contents.filter(isThere).map(applyOne)))];
}

/** Like `Promise.all`, but nothing of it goes on when it throws. */
async function allOf<Value>(work: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const settled = await Promise.allSettled(work);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** Removes what belongs to the live Job and is no longer in its manifest. How many it were. */
export async function removeDropped({ cluster, compiled, signal }: Applier, { metadata }: Job): Promise<number> {
  const { namespace } = jobRefOf(compiled);
  const kept = byText(contentsOf(compiled));
  const lists = await Promise.all(
    (['v1/Secret', 'v1/ConfigMap'] as const).map((kind) => listOwned(cluster, kind, { namespace, signal })),
  );
  const dropped = lists
    .flat()
    .filter((object) => jobUidOf(object) === metadata.uid && !kept.has(refText(refOf(object))));
  await Promise.all(dropped.map((object) => cluster.remove(refOf(object), { uid: object.metadata.uid, signal })));
  return dropped.length;
}

/** An account that may not list them can run jobs all the same: what is left then goes with the Job. */
async function listOwned(cluster: Cluster, kind: KnownKind, where: ListWhere): Promise<readonly KubeObject[]> {
  try {
    return (await cluster.list(kind, { ...where, labelSelector: cluster.ours })).items;
  } catch (error) {
    if (error instanceof kubeErrors.Forbidden) return [];
    throw error;
  }
}

interface ListWhere {
  readonly namespace: string;
  readonly signal: AbortSignal | undefined;
}
