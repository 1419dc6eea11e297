import type { Job, Pod } from '@ephemera/model';
import { containerName } from '../objects/names.ts';

/** The one pod that this Job made, also where an earlier Job of the same name left one. */
export function podOfJob(pods: readonly Pod[], job: Job): Pod | undefined {
  return pods.find((pod) => isOfJob(pod, job.metadata.uid));
}

export function isOfJob({ metadata }: Pod, uid: string | undefined): boolean {
  return metadata.labels?.['batch.kubernetes.io/controller-uid'] === uid;
}

export function isRunning(pod: Pod): boolean {
  return stateOf(pod)?.running !== undefined && pod.metadata.deletionTimestamp === undefined;
}

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Whether its states may say more than that it is on its way. */
export function saysWhy(pod: Pod): boolean {
  const reason = stateOf(pod)?.waiting?.reason;
  const refused =
    pod.status?.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'False') ?? false;
  const waits = reason !== undefined && !['ContainerCreating', 'PodInitializing'].includes(reason);
  return refused || waits || hasEnded(pod) || stateOf(pod)?.terminated !== undefined;
}

/** How far it is, in words for a start that took too long. */
export function progressOf(pod: Pod | undefined): string {
  if (pod === undefined) return 'there is no pod of it yet.';
  if (isRunning(pod)) return 'its pod runs, and its runner does not answer.';
  if (pod.spec.nodeName === undefined) return 'no node has taken its pod yet.';
  return `its pod is being started on node ${pod.spec.nodeName}.`;
}

function stateOf({ status }: Pod) {
  return status?.containerStatuses?.find(({ name }) => name === containerName)?.state;
}
