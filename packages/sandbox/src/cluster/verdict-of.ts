import { diagnose, explainEnd, type Diagnosis } from '@ephemera/kube';
import type { Job, Pod } from '@ephemera/model';
import { SandboxEvicted, SandboxExpired, SandboxGone, SandboxOutOfMemory } from '../errors.ts';
import { infoOf } from '../objects/info.ts';
import { podOfJob } from './pod-state.ts';

/** The cluster's clock is known to the second, and each process knows it a little differently. */
const clockSlackMs = 2_000;

/** What is known of a sandbox that may have ended. */
export interface Evidence {
  readonly id: string;
  /** The Job that it was made as. */
  readonly uid: string | undefined;
  /** As the cluster has it now. */
  readonly job: Job | undefined;
  readonly pods: readonly Pod[];
  /** Known from before. */
  readonly expiresAt: string;
  readonly now: Date;
}

/**
 * Why a sandbox is over; undefined while it may go on. Pure. Never from the way a connection ended: only from what the cluster keeps of
 * Job and pod. How the pod ended says more than how the Job did, and the Job stays for longer.
 */
export function verdictOf({ id, uid, job, pods, expiresAt, now }: Evidence): Error | undefined {
  const isPast = (end: string): boolean => now.getTime() + clockSlackMs >= Date.parse(end);
  if (job === undefined || job.metadata.uid !== uid) {
    return isPast(expiresAt)
      ? new SandboxExpired({ id, reason: `it ended at ${expiresAt} or before, and its Job is kept no longer.` })
      : new SandboxGone({ id, reason: 'its Job was deleted, or its namespace.' });
  }
  const pod = podOfJob(pods, job);
  const why = diagnosisOf(job, pod, now);
  if (why !== undefined) return errorOf(id, why);
  const { state, reason = '', expiresAt: end, idleTimeoutMs } = infoOf(job);
  if (job.metadata.deletionTimestamp !== undefined) return new SandboxGone({ id, reason: 'it is being removed.' });
  if (pod?.metadata.deletionTimestamp !== undefined) return new SandboxGone({ id, reason: 'its pod was deleted.' });
  if (pod?.status?.phase === 'Succeeded' || (state === 'ended' && !isFailed(job))) {
    if (isPast(end)) return new SandboxExpired({ id, reason: `it ended at ${end}.` });
    return idleTimeoutMs === undefined
      ? new SandboxGone({ id, reason: 'it was told to end.' })
      : new SandboxExpired({ id, reason: `nobody used it for ${idleTimeoutMs} ms.` });
  }
  return state === 'ended' ? new SandboxGone({ id, reason }) : undefined;
}

function diagnosisOf(job: Job, pod: Pod | undefined, now: Date): Diagnosis | undefined {
  const end = explainEnd(job, pod === undefined ? [] : [pod]);
  if (end?.diagnosis !== undefined) return end.diagnosis;
  if (end !== undefined) {
    const code = byReason(end.reason, end.message);
    if (code !== undefined) {
      return {
        code,
        message: end.message,
        hint: end.hint,
        retryable: false,
        final: true,
        subject: `Job ${job.metadata.name}`,
      };
    }
  }
  // A pod that is not ready, or waits for something, says nothing about one that has run.
  const found = pod === undefined ? undefined : diagnose({ job, pods: [pod], events: [], now });
  return found?.final === true ? found : undefined;
}

/** The Job's own reason, where its pod is gone already. */
function byReason(reason: string, message: string): Diagnosis['code'] | undefined {
  if (reason === 'DeadlineExceeded') return 'job.deadline';
  return reason === 'PodFailurePolicy' && message.includes('DisruptionTarget') ? 'pod.evicted' : undefined;
}

function errorOf(id: string, { code, message: reason }: Diagnosis): Error {
  switch (code) {
    case 'job.deadline':
      return new SandboxExpired({ id, reason });
    case 'pod.out_of_memory':
      return new SandboxOutOfMemory({ id });
    case 'pod.evicted':
    case 'pod.preempted':
    case 'pod.node_lost':
      return new SandboxEvicted({ id, reason });
    default:
      return new SandboxGone({ id, reason });
  }
}

function isFailed({ status }: Job): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: holds }) => holds === 'True' && ['Failed', 'FailureTarget'].includes(type),
  );
}
