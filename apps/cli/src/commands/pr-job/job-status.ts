import type { JobStatus } from '@ephemera/job';
import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';

/** The same as any Job's status, for what tells people about those. A pull-request job wants one pod to succeed. Pure. */
export function jobStatusOf(found: PullRequestPodStatus): JobStatus {
  const { jobName, namespace, status, active, succeeded, failed, conditions, diagnosis } = found;
  const decides = conditions.find(({ type, status: holds }) => type === status && holds === 'True');
  return {
    namespace,
    name: jobName,
    // Nobody asks for it in what is only told.
    uid: '',
    state: status,
    active,
    ready: status === 'Running' ? active : 0,
    succeeded,
    failed,
    completions: 1,
    parallelism: 1,
    ...(found.startTime !== undefined && { startTime: found.startTime }),
    ...(found.completionTime !== undefined && { completionTime: found.completionTime }),
    ...(decides?.reason !== undefined && { reason: decides.reason }),
    ...(decides?.message !== undefined && { message: decides.message }),
    conditions,
    ...(diagnosis && { diagnosis }),
  };
}
