import { statusOf } from '@ephemera/job';
import { kubeErrors, type Cluster, type KnownKind } from '@ephemera/kube';
import type { Job } from '@ephemera/model';
import type { PrJobTarget } from '../target.ts';
import { look } from './look.ts';
import type { Part } from './part.ts';
import { removePart } from './remove-part.ts';
import { textOf } from './removal.ts';

export interface SweepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Only says what it would remove. Default false. */
  readonly dryRun?: boolean | undefined;
}

export interface PrJobSweep {
  /** `running`: a Job has not ended. `finished`: all have, or something is still being removed. `gone`: nothing of the name is left. */
  readonly state: 'running' | 'finished' | 'gone';
  /** `kind/namespace/name` of what the cluster was asked to remove. */
  readonly removed: readonly string[];
}

/**
 * Removes what jobs of a name have left behind: builders whose Job has ended or is gone, and when no Job is left, everything. It does not
 * wait until that is gone: call it again. Not while a job of that name is being made, whose account it would take for a leftover.
 *
 * Throws where not everything could be looked at: a Job that cannot be seen may be running. What could not be removed does not keep the
 * rest from being, and is thrown then.
 */
export async function sweepPrJob(
  cluster: Cluster,
  target: PrJobTarget,
  { signal, dryRun = false }: SweepOptions = {},
): Promise<PrJobSweep> {
  const { parts, unknown } = await look(cluster, target, signal);
  const [blind] = unknown;
  if (blind) throw blind.error;
  const ours = parts.filter(({ whose }) => typeof whose === 'string');
  const { state, leftovers } = leftoversOf(ours);
  const doomed = leftovers.filter(({ object }) => object.metadata.deletionTimestamp === undefined);
  const problems: unknown[] = [];
  const removed: string[] = [];
  for (const part of doomed) {
    try {
      if (!dryRun) await removePart(cluster, part, signal);
      removed.push(textOf(part));
    } catch (error) {
      signal?.throwIfAborted();
      // A job of that name is being made, and needs it: the next sweep sees the Job.
      if (!(error instanceof kubeErrors.Conflict)) problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
  return { state, removed };
}

const built: ReadonlySet<KnownKind> = new Set([
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'v1/ConfigMap',
  'v1/PersistentVolumeClaim',
]);

interface Leftovers {
  readonly state: PrJobSweep['state'];
  readonly leftovers: readonly Part[];
}

/** Which of our parts nobody needs any more. Pods of Jobs that have ended stay as long as these: their logs are read. Pure. */
export function leftoversOf(parts: readonly Part[]): Leftovers {
  const jobs = parts.filter(({ kind }) => kind === 'batch/v1/Job');
  if (jobs.length === 0) return { state: parts.length === 0 ? 'gone' : 'finished', leftovers: parts };
  const living = new Set(jobs.filter(isLiving).map(({ jobName }) => jobName));
  const isLeftover = ({ kind, jobName }: Part): boolean =>
    built.has(kind) && (jobName === undefined ? living.size === 0 : !living.has(jobName));
  return { state: living.size > 0 ? 'running' : 'finished', leftovers: parts.filter(isLeftover) };
}

/** One that is being removed lives until it is gone: it may be removing its builder itself. */
function isLiving({ object }: Part): boolean {
  const { state } = statusOf(object as Job);
  return state !== 'Complete' && state !== 'Failed';
}
