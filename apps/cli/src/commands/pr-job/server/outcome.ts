import { isWaitForRoom, type JobFate } from '@ephemera/job';
import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';

/** Something that cannot heal may keep a job from starting for so long, as when a cluster is followed directly. */
const startTimeoutMs = 60_000;

export interface Watched {
  /** Undefined: the job goes on. */
  readonly outcome: JobFate['outcome'] | undefined;
  /** Since when nothing can start, for the next look; undefined: it can. */
  readonly stuckSince: number | undefined;
}

/** What one look at a job means for who waits for it. `now` and `stuckSince` in milliseconds of any clock. Pure. */
export function outcomeOf(found: PullRequestPodStatus, now: number, stuckSince: number | undefined): Watched {
  const ended = endOf(found);
  if (ended !== undefined) return { outcome: ended, stuckSince: undefined };
  const { status, diagnosis, succeeded, failed } = found;
  const isStuck =
    status === 'Pending' && succeeded + failed === 0 && diagnosis?.final === true && !isWaitForRoom(diagnosis);
  if (!isStuck) return { outcome: undefined, stuckSince: undefined };
  const since = stuckSince ?? now;
  return { outcome: now - since >= startTimeoutMs ? 'cannot_start' : undefined, stuckSince: since };
}

function endOf({ status, active, conditions }: PullRequestPodStatus): JobFate['outcome'] | undefined {
  switch (status) {
    case 'Complete':
      return 'complete';
    case 'Failed':
      return conditions.some(({ type, reason }) => type === 'Failed' && reason === 'DeadlineExceeded')
        ? 'deadline'
        : 'failed';
    case 'Suspended':
      return active === 0 ? 'suspended' : undefined;
    case 'Pending':
    case 'Running':
      return undefined;
    default:
      return status satisfies never;
  }
}
