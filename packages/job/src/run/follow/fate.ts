import { explainEnd, type Diagnosis, type JobEnd } from '@ephemera/kube';
import type { Job, JobSpec, Pod } from '@ephemera/model';
import type { JobStatus } from '../status-of.ts';

/** How following a Job ended. */
export interface JobFate {
  /**
   * - `complete`, `failed`: the Job's own end.
   * - `deadline`: its `activeDeadlineSeconds` is over (`status.state` is `Failed`), or `timeoutMs` is, and the Job goes on.
   * - `cannot_start`: nothing of it is at work, as no pod, or no further one, can start; `diagnosis` says why waiting is in vain. The Job
   *   is still there.
   * - `suspended`: nothing of it runs until somebody resumes it.
   * - `gone`: it was deleted, or replaced by another of its name. Where that was so from the beginning, `status` has no counts.
   */
  readonly outcome: 'complete' | 'failed' | 'deadline' | 'cannot_start' | 'suspended' | 'gone';
  /** The last that was seen. */
  readonly status: JobStatus;
  /** What went wrong: in the pod that failed, or at the start. After `timeoutMs`: what kept a pod from starting at last. */
  readonly diagnosis?: Diagnosis;
  /** Why it failed; only where `status.state` is `Failed`. */
  readonly end?: FailedEnd;
  /** Something that its containers wrote could not be read; warnings have said what. */
  readonly logsIncomplete?: true;
}

export interface FailedEnd extends JobEnd {
  /** What the container that decided it wrote at last, oldest first; at most 20 lines of 1000 characters. */
  readonly lastLines: readonly string[];
}

/** What the state of a Job means for who follows it. Undefined: it goes on. Pure. */
export function outcomeOf({ state, reason, active }: JobStatus, { suspend }: JobSpec): JobFate['outcome'] | undefined {
  switch (state) {
    case 'Complete':
      return 'complete';
    case 'Failed':
      return reason === 'DeadlineExceeded' ? 'deadline' : 'failed';
    case 'Suspended':
      // Right after it was resumed, the cluster still says that it is suspended. Pods of it that are still ending have something to say.
      return active === 0 && suspend === true ? 'suspended' : undefined;
    case 'Pending':
    case 'Running':
      return undefined;
  }
}

/** The last lines of a container, by the names of pod and container. */
export type LastLines = (pod: string, container: string) => readonly string[];

/** Why a Job failed, with what its container said. Undefined where it has not failed. Pure. */
export function failedEnd(job: Job, pods: readonly Pod[], lastLines: LastLines): FailedEnd | undefined {
  const end = explainEnd(job, pods);
  if (!end) return undefined;
  const { pod, container } = end;
  return { ...end, lastLines: pod === undefined || container === undefined ? [] : lastLines(pod, container) };
}
