import { cleanupPrJob, type PullRequestPodCleanup } from '@ephemera/pull-request-pod';
import { useOnce } from '../oidc/use-once.ts';
import type { PrJobDeps } from './deps.ts';
import { NameNotFound } from './errors.ts';
import { hashOf } from './hashes.ts';
import { reach, type Wanted } from './reach.ts';

/** Below the minute after which proxies give up; what the cluster has begun to remove goes on, and another cleanup waits for the rest. */
export const cleanupTimeoutMs = 55_000;

/**
 * Removes everything of a name. What does not exist is no error. Throws `pr_job.name_not_found` for what belongs to another repository,
 * and `pr_job.cleanup_incomplete` with what is left.
 */
export async function cleanupForCaller(
  deps: PrJobDeps,
  wanted: Wanted & { readonly key: string | undefined },
): Promise<PullRequestPodCleanup> {
  const { caller, name, namespace, key, asked } = wanted;
  const reached = await reach(deps, wanted);
  if (!reached) throw new NameNotFound({ name, namespace });
  await useOnce(deps.db, caller, hashOf(['cleanup', asked.cluster, namespace, name, key ?? null]));
  // Rows are written before anything is made, and removed when nothing is left.
  if (!reached.isClaimed && caller.repositoryIds !== undefined) return { removed: [], kept: [] };
  return cleanupPrJob(reached.cluster, { name, namespace, instance: deps.instance }, { timeoutMs: cleanupTimeoutMs });
}
