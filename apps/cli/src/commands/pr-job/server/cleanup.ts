import type { PullRequestPodCleanup } from '@ephemera/pull-request-pod';
import { EphemeraError } from '@ephemera/model';
import { CleanupDeadline } from '../errors.ts';
import type { CleanupOptions, NameRef } from '../pull-request-jobs.ts';
import { path } from './api.ts';
import type { Place } from './place.ts';

/**
 * A server waits for less than a minute until everything is gone, as proxies do. What says sooner that it cannot, is not waiting for
 * something that ends, and asking again is in vain.
 */
const waitedMs = 20_000;

/** Asks until everything is gone. Throws `cli.pr_job_cleanup_deadline` after `timeoutMs`. */
export async function cleanupOnServer(
  { api, clusterName }: Place,
  ref: NameRef,
  { timeoutMs, signal, onWaiting }: CleanupOptions,
): Promise<PullRequestPodCleanup> {
  const late = AbortSignal.timeout(timeoutMs);
  const both = AbortSignal.any([signal, late]);
  let reason = 'the server has not answered';
  for (;;) {
    const askedAt = performance.now();
    try {
      const body = { action: 'cleanup', ...ref, clusterName };
      const request = { method: 'POST', path, body, timeoutMs: timeoutMs + waitedMs, signal: both } as const;
      const { removed, kept } = await api.ask<PullRequestPodCleanup>(request);
      return { removed, kept };
    } catch (error) {
      if (late.aborted && !signal.aborted) throw new CleanupDeadline({ name: ref.name, timeoutMs, reason });
      if (!isStillEnding(error) || performance.now() - askedAt < waitedMs) throw error;
      reason = error.message;
      onWaiting(reason);
    }
  }
}

function isStillEnding(error: unknown): error is EphemeraError {
  return error instanceof EphemeraError && error.details['serverCode'] === 'pr_job.cleanup_incomplete';
}
