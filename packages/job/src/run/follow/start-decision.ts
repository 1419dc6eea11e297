import type { Diagnosis, DiagnosisCode } from '@ephemera/kube';
import type { ContainerStatus, Job, Pod } from '@ephemera/model';

/** What passes by itself as soon as there is room, however long that takes. */
const waitsForRoom: ReadonlySet<DiagnosisCode> = new Set([
  'pod.quota',
  'pod.unschedulable',
  'pod.evicted',
  'pod.preempted',
  'pod.node_lost',
]);

/** Whether this is only a lack of room, which is waited for. Pure. */
export function isWaitForRoom({ code }: Diagnosis): boolean {
  return waitsForRoom.has(code);
}

/** Ended before its program ran: the command does not exist, or a mount is wrong. */
const neverRan: ReadonlySet<string> = new Set(['StartError', 'ContainerCannotRun']);

/** Whether a container of the Job's own, not one that prepares, has run. From then on failures are the Job's business. Pure. */
export function hasStarted({ status: job }: Job, pods: readonly Pod[]): boolean {
  // Pods that succeeded may be gone by now.
  if ((job?.succeeded ?? 0) > 0) return true;
  return pods.some(({ status }) => (status?.containerStatuses ?? []).some(hasRun));
}

function hasRun({ state, lastState }: ContainerStatus): boolean {
  if (state?.running) return true;
  const ended = state?.terminated ?? lastState?.terminated;
  return ended !== undefined && !neverRan.has(ended.reason ?? '');
}

/** Reasons of a container that waits as every container does at first. */
const ordinary: ReadonlySet<string> = new Set(['', 'ContainerCreating', 'PodInitializing']);

/** Whether a pod shows by itself that it does not get on, so that it is worth asking why at once. Pure. */
export function looksStuck({ status }: Pod): boolean {
  const unscheduled = status?.conditions?.some(
    ({ type, status: holds, reason }) => type === 'PodScheduled' && holds === 'False' && reason !== 'SchedulingGated',
  );
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return (
    unscheduled === true || containers.some(({ state }) => state?.waiting && !ordinary.has(state.waiting.reason ?? ''))
  );
}
