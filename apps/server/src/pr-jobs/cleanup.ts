import { cleanupPrJob, type PullRequestPodCleanup } from '@ephemera/pull-request-pod';
import { endUse, useOnce } from '../oidc/use-once.ts';
import { settledAfterMs } from './deadlines.ts';
import type { PrJobDeps } from './deps.ts';
import { NameNotFound } from './errors.ts';
import { hashOf } from './hashes.ts';
import { inTime } from './in-time.ts';
import { reach, type Wanted } from './reach.ts';
import { giveUpName } from './store/names.ts';

/** Below the minute after which proxies give up; what the cluster has begun to remove goes on, and another cleanup waits for the rest. */
export const cleanupTimeoutMs = 55_000;

const nothing: PullRequestPodCleanup = { removed: [], kept: [] };

interface Cleaning extends Wanted {
  /** The header Idempotency-Key. */
  readonly key: string | undefined;
}

/**
 * Removes everything of a name, and gives the name back when nothing is left of it. What does not exist is no error. Throws
 * `pr_job.name_not_found` for what belongs to another repository, `pr_job.cleanup_incomplete` with what is left, and `pr_job.too_slow`.
 */
export async function cleanupForCaller(deps: PrJobDeps, wanted: Cleaning): Promise<PullRequestPodCleanup> {
  return inTime(deps, 'cleanup', (signal) => cleanUp(deps, wanted, signal));
}

async function cleanUp(deps: PrJobDeps, wanted: Cleaning, signal: AbortSignal): Promise<PullRequestPodCleanup> {
  const { db, instance } = deps;
  const { caller, name, namespace, key, asked } = wanted;
  const reached = await reach(deps, wanted);
  if (!reached) throw new NameNotFound({ name, namespace });
  const { row, cluster } = reached;
  // Rows are written before anything is made, and removed when nothing is left.
  if (!row && caller.repositoryIds !== undefined) return nothing;

  // Of what was there when the token was used first: a create since then makes it another cleanup, which this token may not ask for.
  const purpose = hashOf(['cleanup', asked.cluster, namespace, name, key ?? null, row?.usedAt ?? null]);
  if ((await useOnce(db, caller, purpose)) === 'over') return nothing;
  const done = await cleanupPrJob(cluster, { name, namespace, instance }, { timeoutMs: cleanupTimeoutMs, signal });
  if (row && done.kept.length === 0)
    await giveUpName(db, { cluster: asked.cluster, namespace, name }, { usedAt: row.usedAt, settledAfterMs });
  // Only now: a cleanup that has left something goes on when it is asked for again.
  await endUse(db, caller, purpose);
  return done;
}
