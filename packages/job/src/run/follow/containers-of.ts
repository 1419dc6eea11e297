import type { Container, ContainerStatus, Pod } from '@ephemera/model';

/** One container of a pod, as far as its log is concerned. */
export interface SeenContainer {
  readonly name: string;
  /** `waiting`: it has never run. `ended` stands also for a container that waits for its next run. */
  readonly state: 'waiting' | 'running' | 'ended';
  /** 0 for the first run, 1 after the first restart. */
  readonly run: number;
  /** It will not run again. */
  readonly over: boolean;
  /** Whether the node starts it again when it fails. */
  readonly restarts: boolean;
}

/** All containers, in the order in which they run. Pure. */
export function containersOf(pod: Pod): readonly SeenContainer[] {
  const { initContainers = [], containers } = pod.spec;
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const statuses = [...initContainerStatuses, ...containerStatuses];
  return [...initContainers, ...containers].map((container) =>
    seen(
      pod,
      container,
      statuses.find(({ name }) => name === container.name),
    ),
  );
}

function seen(pod: Pod, container: Container, status: ContainerStatus | undefined): SeenContainer {
  const podIsOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  return {
    name: container.name,
    state: stateOf(status),
    run: status?.restartCount ?? 0,
    over: podIsOver || isOver(pod, container, status),
    restarts: pod.spec.restartPolicy !== 'Never' || container.restartPolicy === 'Always',
  };
}

function stateOf(status: ContainerStatus | undefined): SeenContainer['state'] {
  if (status?.state?.running) return 'running';
  // While it waits for its next run, the log of the last one can be read as if it were the current one.
  return status?.state?.terminated || status?.lastState?.terminated ? 'ended' : 'waiting';
}

function isOver(pod: Pod, container: Container, status: ContainerStatus | undefined): boolean {
  const exitCode = status?.state?.terminated?.exitCode;
  // A sidecar is started again whatever it ends with.
  if (exitCode === undefined || container.restartPolicy === 'Always') return false;
  return exitCode === 0 || pod.spec.restartPolicy === 'Never';
}
