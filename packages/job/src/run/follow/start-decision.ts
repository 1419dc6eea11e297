import type { Diagnosis, DiagnosisCode } from '@ephemera/kube';
import type { ContainerStatus, Job, Pod } from '@ephemera/model';

/** What passes by itself, however long that takes. */
const passes: ReadonlySet<DiagnosisCode> = new Set(['pod.quota', 'pod.evicted', 'pod.preempted', 'pod.node_lost']);

/** Whether this is only a lack of room, which is waited for. Not what no node takes, however much room it has. Pure. */
export function isWaitForRoom({ code, lacksRoom }: Diagnosis): boolean {
  return passes.has(code) || lacksRoom === true;
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

/** Whether nothing more comes of a pod. Pure. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Whether something of a pod runs that is meant to end, or will do so again after a crash: the pod gets on. Pure. */
export function isAtWork(pod: Pod): boolean {
  const { status, spec } = pod;
  if (isOver(pod)) return false;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const prepares = (status?.initContainerStatuses ?? []).some(
    ({ name, state }) => state?.running && !sidecars.some((sidecar) => sidecar.name === name),
  );
  const main = status?.containerStatuses ?? [];
  return prepares || (main.some(hasRun) && main.every((one) => stuckReason(one) === ''));
}

/** Reasons of a container that waits as every container does at first, or before its next run. */
const ordinary: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing', 'CrashLoopBackOff']);

function stuckReason({ state }: ContainerStatus): string {
  const reason = state?.waiting?.reason ?? '';
  return ordinary.has(reason) ? '' : reason;
}

/** In what ways pods show by themselves that they do not get on, however many they are; '' where none does. Pure. */
export function stuckReasons(pods: readonly Pod[]): string {
  const reasons = pods.flatMap(({ status }) => [
    ...(status?.conditions ?? [])
      .filter(({ type, status: holds }) => type === 'PodScheduled' && holds === 'False')
      // Held back on purpose.
      .map(({ reason = '' }) => (reason === 'SchedulingGated' ? '' : reason)),
    ...[...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(stuckReason),
  ]);
  return [...new Set(reasons)]
    .filter((reason) => reason !== '')
    .toSorted()
    .join();
}
