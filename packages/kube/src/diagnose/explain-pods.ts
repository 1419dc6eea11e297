import type { Job, KubeEvent, Pod } from '@ephemera/model';
import type { Cluster } from '../cluster.ts';
import { Forbidden } from '../errors.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { defaultGraces, type Graces } from './graces.ts';
import { isStuck, missingPods, readScene } from './scene.ts';

export interface PodsToExplain {
  readonly namespace: string;
  readonly job?: Job | undefined;
  /** All pods of the Job, or the pods in question. */
  readonly pods: readonly Pod[];
  /** The time at the cluster. Default: it is asked for its clock. */
  readonly now?: Date;
  readonly graces?: Partial<Graces>;
}

/** The events of more pods would say the same again. */
const maxPods = 5;

/**
 * Why these pods do not run: asks for the events that it takes, and diagnoses. Nothing is asked of the cluster when no pod is stuck or
 * missing. Without the right to list events the states of the pods still say most, so `kube.forbidden` is no error here: the diagnosis
 * then says in its hint that events are missing. Other errors of the cluster are thrown.
 */
export async function explainPods(
  cluster: Pick<Cluster, 'list' | 'clockAheadMs'>,
  { namespace, job, pods, now, graces }: PodsToExplain,
  signal?: AbortSignal,
): Promise<Diagnosis | undefined> {
  const subjects = withUsefulEvents({ job, pods });
  const [events, at] = await Promise.all([
    eventsOf(cluster, { namespace, subjects }, signal),
    now ?? (subjects.length === 0 ? new Date() : clusterTime(cluster, signal)),
  ]);
  return diagnose({ job, pods, events, now: at }, graces);
}

/** The UIDs of those whose events may explain something: the Job while pods are missing, and the pods that have been stuck longest. */
function withUsefulEvents({ job, pods }: Pick<PodsToExplain, 'job' | 'pods'>): readonly string[] {
  const scene = readScene({ job, pods, events: [], now: new Date() }, defaultGraces);
  const stuck = scene.pods
    .filter(isStuck)
    .toSorted((a, b) => (a.madeAt ?? 0) - (b.madeAt ?? 0))
    .slice(0, maxPods);
  const maker = scene.job !== undefined && missingPods(scene) > 0 ? [scene.job] : [];
  // Anything but a UID would be a selector of its own.
  return [...maker, ...stuck].map(({ uid }) => uid).filter((uid) => /^[\w-]+$/.test(uid));
}

interface Subjects {
  readonly namespace: string;
  readonly subjects: readonly string[];
}

async function eventsOf(
  cluster: Pick<Cluster, 'list'>,
  { namespace, subjects }: Subjects,
  signal: AbortSignal | undefined,
): Promise<readonly KubeEvent[] | 'unreadable'> {
  try {
    const lists = await Promise.all(
      subjects.map((uid) =>
        cluster.list<KubeEvent>('v1/Event', { namespace, fieldSelector: `involvedObject.uid=${uid}`, signal }),
      ),
    );
    return lists.flatMap(({ items }) => items);
  } catch (error) {
    if (error instanceof Forbidden) return 'unreadable';
    throw error;
  }
}

/** Ages are counted by the cluster's clock, which wrote the times. Where it cannot be had, ours is the best guess. */
async function clusterTime(cluster: Pick<Cluster, 'clockAheadMs'>, signal: AbortSignal | undefined): Promise<Date> {
  try {
    return new Date(Date.now() + (await cluster.clockAheadMs(signal)));
  } catch (error) {
    if (signal?.aborted) throw error;
    return new Date();
  }
}
