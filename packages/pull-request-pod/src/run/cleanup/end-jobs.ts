import { statusOf } from '@ephemera/job';
import { refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError, type Job } from '@ephemera/model';
import { isOfWholeCluster } from './look.ts';
import { jobNameLabel, type Part } from './part.ts';

/** Lets Jobs end before they are removed. */
export interface Ending {
  /** Those of the parts that may be removed now. `all`: whatever is there, with the pods. */
  ready(turn: readonly Part[], all: readonly Part[], signal?: AbortSignal): Promise<readonly Part[]>;
}

const defaultGraceSeconds = 30;
/** After the grace of a pod, for the cluster to tell that it is gone. */
const marginMs = 5_000;

/**
 * A Job is ended before it is deleted: by a deadline that is over, after which the cluster tells its pods to end and the Job fails. Deleted
 * at once it would take its account along, whose only owners are Jobs and which the garbage collector does not keep for the pods: with it
 * goes the right to remove the builder. Not by suspending it: a suspended Job of a cleanup that crashed would stay for ever, one that has
 * failed goes an hour later.
 *
 * It is waited for no longer than its pods may take to end, and at most for half of `timeoutMs`; not at all for one of which no pod runs, and
 * where it may not be changed.
 */
export function startEnding(cluster: Cluster, timeoutMs: number): Ending {
  const until = new Map<string | undefined, number>();
  const end = async ({ object, owner }: Part, signal?: AbortSignal): Promise<boolean> => {
    const { uid } = object.metadata;
    const merge = { spec: { activeDeadlineSeconds: 1 } };
    try {
      await cluster.as(owner).patch(refOf(object), { uid, read: object, merge }, signal);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof EphemeraError) || isOfWholeCluster(error)) throw error;
      return false;
    }
  };
  const isReady = async (part: Part, all: readonly Part[], signal?: AbortSignal): Promise<boolean> => {
    if (part.kind !== 'batch/v1/Job' || part.object.metadata.deletionTimestamp !== undefined) return true;
    const job = part.object as Job;
    if (!hasPodsThatEnd(job, all)) return true;
    const { uid } = job.metadata;
    const known = until.get(uid);
    if (known !== undefined) return performance.now() >= known;
    const { state } = statusOf(job);
    const isOver = state === 'Complete' || state === 'Failed';
    if (!isOver && !(await end(part, signal))) return true;
    until.set(uid, performance.now() + Math.min(graceMsOf(job) + marginMs, timeoutMs / 2));
    return false;
  };
  return {
    ready: async (turn, all, signal) => {
      const ready = await Promise.all(turn.map(async (part) => ({ part, isReady: await isReady(part, all, signal) })));
      return ready.flatMap((one) => (one.isReady ? [one.part] : []));
    },
  };
}

/** Whether a pod of the Job runs, or is ending. Pure. */
export function hasPodsThatEnd(job: Job, all: readonly Part[]): boolean {
  const { active = 0, terminating = 0 } = job.status ?? {};
  return active > 0 || terminating > 0 || all.some((part) => isEndingPodOf(job, part));
}

function isEndingPodOf(job: Job, { kind, object }: Part): boolean {
  const { labels = {}, deletionTimestamp } = object.metadata;
  return kind === 'v1/Pod' && deletionTimestamp !== undefined && labels[jobNameLabel] === job.metadata.name;
}

function graceMsOf({ spec }: Job): number {
  const { terminationGracePeriodSeconds = defaultGraceSeconds } = spec.template.spec;
  return terminationGracePeriodSeconds * 1_000;
}
