import { ofJob, ofPod, type Finding } from './finding.ts';
import type { PodView } from './pod-view.ts';
import type { Scene } from './scene.ts';

/** A Job or pod that ran longer than it may. Nobody starts it again. */
export function jobDeadline({ job }: Scene): Finding | undefined {
  if (job?.failed?.reason !== 'DeadlineExceeded') return undefined;
  const { message, at } = job.failed;
  const limit = job.deadlineSeconds === undefined ? 'its limit' : `its limit of ${job.deadlineSeconds} s`;
  return ofJob(job, {
    code: 'job.deadline',
    message: `Job ${job.name} ran longer than ${limit} (activeDeadlineSeconds)${message === '' ? '' : `: ${message}`}`,
    hint: 'Raise activeDeadlineSeconds, or find out what takes so long: waiting for an image, a node or quota counts too.',
    retryable: false,
    final: true,
    since: at,
  });
}

export function podDeadline(pod: PodView): Finding | undefined {
  if (pod.reason !== 'DeadlineExceeded') return undefined;
  return ofPod(pod, {
    code: 'job.deadline',
    message: `Pod ${pod.name} ran longer than its own limit (activeDeadlineSeconds of the pod): ${pod.message}`,
    hint: 'Raise activeDeadlineSeconds of the pod, or find out what takes so long.',
    retryable: false,
    final: true,
    since: undefined,
  });
}
