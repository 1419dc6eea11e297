import type { Diagnosis, JobEnd } from '@ephemera/kube';
import type { Condition, Job } from '@ephemera/model';
import type { JobRef } from './job-ref.ts';

/** `Pending`: nothing of it has run, or it waits before a retry. */
export type JobState = 'Pending' | 'Running' | 'Suspended' | 'Complete' | 'Failed';

/** How far a Job is. Times are ISO 8601, of the cluster's clock; what the cluster does not say is left out. */
export interface JobStatus {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly state: JobState;
  /** Pods that are there and have not ended. */
  readonly active: number;
  /** Pods of these that run. */
  readonly ready: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Null: a work queue. */
  readonly completions: number | null;
  readonly parallelism: number;
  /** For example `0,2-4`; Indexed Jobs only. */
  readonly completedIndexes?: string;
  readonly startTime?: string;
  readonly completionTime?: string;
  /** Of the condition that decides the state. */
  readonly reason?: string;
  readonly message?: string;
  readonly conditions: readonly Condition[];
  /** Why it does not start, or what went wrong in the pod that failed. Only `jobStatus` looks. */
  readonly diagnosis?: Diagnosis;
  /** Why it failed. Only `jobStatus` looks. */
  readonly end?: JobEnd;
}

/** In the order in which they count: a Job that completed while it was being suspended is complete. */
const deciding = ['Complete', 'Failed', 'Suspended'] as const;

/**
 * The status of a Job by its conditions' type. `SuccessCriteriaMet` and `FailureTarget` are no end: pods of it still run. Pure.
 */
export function statusOf(job: Job): JobStatus {
  const { name, namespace = '', uid = '' } = job.metadata;
  const { active = 0, ready = 0, succeeded = 0, failed = 0, conditions = [] } = job.status ?? {};
  const { completedIndexes, startTime, completionTime } = job.status ?? {};
  const decided = conditionThatDecides(conditions);
  // A pod that is ready runs; one that has ended did. `active` alone counts pods that no node has taken yet.
  const hasRun = ready > 0 || succeeded > 0 || failed > 0;
  const isRunning = (active > 0 && hasRun) || isEnding(job);
  return {
    namespace,
    name,
    uid,
    state: decided?.state ?? (isRunning ? 'Running' : 'Pending'),
    active,
    ready,
    succeeded,
    failed,
    completions: job.spec.completions ?? null,
    parallelism: job.spec.parallelism ?? 1,
    ...(completedIndexes !== undefined && { completedIndexes }),
    ...(startTime !== undefined && { startTime }),
    ...(completionTime !== undefined && { completionTime }),
    ...(decided?.reason !== undefined && { reason: decided.reason }),
    ...(decided?.message !== undefined && { message: decided.message }),
    conditions,
  };
}

/** Its pods have ended, or are about to, and the Job has yet to count them or to say that it is over. */
function isEnding({ spec, status = {} }: Job): boolean {
  const { succeeded = 0, terminating = 0, uncountedTerminatedPods, conditions = [] } = status;
  const { succeeded: justSucceeded = [], failed: justFailed = [] } = uncountedTerminatedPods ?? {};
  return (
    terminating > 0 ||
    justSucceeded.length + justFailed.length > 0 ||
    (succeeded > 0 && succeeded >= (spec.completions ?? 1)) ||
    conditions.some(({ type, status: holds }) => isTarget.has(type) && holds === 'True')
  );
}

/** It is decided how the Job ends; its pods are being ended. */
const isTarget: ReadonlySet<string> = new Set(['SuccessCriteriaMet', 'FailureTarget']);

/** Of a Job that is not there any more: who it was, and nothing else. */
export function unseenStatus({ namespace, name, uid = '' }: JobRef): JobStatus {
  const counts = { active: 0, ready: 0, succeeded: 0, failed: 0 };
  return { namespace, name, uid, state: 'Pending', ...counts, completions: null, parallelism: 1, conditions: [] };
}

function conditionThatDecides(conditions: readonly Condition[]) {
  for (const type of deciding) {
    const found = conditions.find((condition) => condition.type === type && condition.status === 'True');
    if (found) return { state: type, reason: found.reason, message: found.message };
  }
  return undefined;
}
