import { EphemeraError } from '@ephemera/model';
import { createDeadlineMs } from './deadlines.ts';
import type { PrJobDeps } from './deps.ts';
import { TooSlow } from './errors.ts';

/**
 * Does what changes a cluster, and breaks it off when its time is over; `run` hands the signal to every call. Throws `pr_job.too_slow`
 * then, unless `run` itself says what has become of it.
 */
export async function inTime<Result>(
  { deadlineMs = createDeadlineMs }: Pick<PrJobDeps, 'deadlineMs'>,
  what: 'create' | 'cleanup',
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    return await run(signal);
  } catch (error) {
    if (!signal.aborted || error instanceof EphemeraError) throw error;
    throw new TooSlow({ what, seconds: deadlineMs / 1000 }, { cause: error });
  }
}
