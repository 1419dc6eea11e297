import type { JobFate } from '@ephemera/job';
import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';
import { jobStatusOf } from '../job-status.ts';
import type { FollowOptions, JobOfName } from '../pull-request-jobs.ts';
import { followStream } from './follow-stream.ts';
import { outcomeOf } from './outcome.ts';
import type { Place } from './place.ts';

/** Follows a job by a server to its end, or until nothing of it can start. */
export async function followOnServer(place: Place, ref: JobOfName, options: FollowOptions): Promise<JobFate> {
  const { signal, onEvent } = options;
  const enough = new AbortController();
  let seen = unseen(ref);
  let stuckSince: number | undefined;
  const look = (): JobFate['outcome'] | undefined => {
    const watched = outcomeOf(seen, performance.now(), stuckSince);
    stuckSince = watched.stuckSince;
    return watched.outcome;
  };
  try {
    const reason = await followStream(place, ref, {
      tailLines: undefined,
      signal: AbortSignal.any([signal, enough.signal]),
      onLine: (line) => onEvent({ type: 'log', ...line }),
      onWarning: (message) => onEvent({ type: 'warning', message }),
      onStatus: (status) => {
        seen = status;
        onEvent({ type: 'status', status: jobStatusOf(status) });
        // That of the end is told with the end.
        const { diagnosis } = status;
        if (diagnosis && status.status === 'Pending') onEvent({ type: 'diagnosis', diagnosis });
      },
      onSign: () => {
        if (look() === 'cannot_start') enough.abort();
      },
    });
    return fateOf(reason === 'gone' ? 'gone' : (look() ?? 'gone'), seen);
  } catch (error) {
    signal.throwIfAborted();
    if (!enough.signal.aborted) throw error;
    return fateOf('cannot_start', seen);
  }
}

function fateOf(outcome: JobFate['outcome'], found: PullRequestPodStatus): JobFate {
  const { diagnosis } = found;
  return { outcome, status: jobStatusOf(found), ...(diagnosis && { diagnosis }) };
}

function unseen({ jobName, namespace, name }: JobOfName): PullRequestPodStatus {
  return { jobName, namespace, name, status: 'Pending', succeeded: 0, failed: 0, active: 0, conditions: [] };
}
