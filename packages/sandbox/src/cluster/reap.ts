import { kubeErrors, type Cluster } from '@ephemera/kube';
import { messageOf, type Job } from '@ephemera/model';
import { expiresAnnotation, idLabel, ownerOfAll } from '../objects/marks.ts';

/** Clocks differ, and an extension may be on its way. */
const defaultGraceMs = 300_000;

export interface ReapOptions {
  /** Default: all that our account may list. */
  readonly namespace?: string;
  /** Whose sandboxes, see `ClusterHostOptions`. */
  readonly instance?: string;
  /** How long after its end a sandbox is left alone. Default 300,000. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
}

export interface Reaped {
  /** `namespace/id` of those whose removal the cluster has accepted. */
  readonly removed: readonly string[];
  readonly failed: readonly { readonly sandbox: string; readonly problem: string }[];
}

/**
 * Removes sandboxes that should be long gone: what the cluster does by itself by the Job's own limits, unless its controllers do not work,
 * or somebody has suspended the Job. Of two that run at once each may do all of it. Throws what listing throws.
 */
export async function reapSandboxes(cluster: Cluster, options: ReapOptions = {}): Promise<Reaped> {
  const { namespace, instance, graceMs = defaultGraceMs, signal } = options;
  const owner = cluster.as(ownerOfAll(instance));
  const [{ items }, aheadMs] = await Promise.all([
    owner.list<Job>('batch/v1/Job', {
      ...(namespace !== undefined && { namespace }),
      labelSelector: owner.ours,
      signal,
    }),
    owner.clockAheadMs(signal),
  ]);
  const now = new Date(Date.now() + aheadMs);
  const removed: string[] = [];
  const failed: { sandbox: string; problem: string }[] = [];
  for (const job of items.filter((one) => isLongOver(one, { now, graceMs }))) {
    const { name, namespace: place = '', uid, resourceVersion } = job.metadata;
    const sandbox = `${place}/${name}`;
    try {
      const ref = { apiVersion: 'batch/v1', kind: 'Job', name, namespace: place };
      // Of the version that was judged: one that was extended since is not removed.
      await owner.remove(ref, { uid, resourceVersion, propagation: 'Foreground', signal });
      removed.push(sandbox);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof kubeErrors.Conflict)) failed.push({ sandbox, problem: messageOf(error) });
    }
  }
  return { removed, failed };
}

/**
 * Two facts that do not depend on each other have to say so: the expiry that we have written, and what the cluster itself knows, that the
 * Job's own limit is over, or that it has ended and should be gone. One alone has killed what was alive elsewhere. Pure.
 */
export function isLongOver(job: Job, { now, graceMs }: { readonly now: Date; readonly graceMs: number }): boolean {
  const { metadata, spec, status } = job;
  const late = now.getTime() - graceMs;
  const isOver = (at: number): boolean => !Number.isNaN(at) && at <= late;
  if (metadata.labels?.[idLabel] !== metadata.name || metadata.deletionTimestamp !== undefined) return false;
  if (!isOver(Date.parse(metadata.annotations?.[expiresAnnotation] ?? ''))) return false;
  const end = status?.conditions?.find(
    ({ type, status: holds }) => holds === 'True' && ['Complete', 'Failed'].includes(type),
  );
  if (end !== undefined)
    return isOver(Date.parse(end.lastTransitionTime ?? '') + (spec.ttlSecondsAfterFinished ?? 0) * 1000);
  const began = Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '');
  return spec.activeDeadlineSeconds !== undefined && isOver(began + spec.activeDeadlineSeconds * 1000);
}
