import type { Condition, ContainerState, ContainerStatus, Job, KubeEvent, Pod, PodStatus } from '@ephemera/model';

/** When the recorded things were made; everything else is counted from here. */
const made = Date.parse('2026-11-21T16:41:06Z');

/** The time so many seconds after the recorded things were made. */
export function after(seconds: number): Date {
  return new Date(made + seconds * 1000);
}

export function stamp(seconds: number): string {
  return after(seconds).toISOString().replace('.000Z', 'Z');
}

export interface RecordedPod {
  readonly name?: string;
  readonly spec?: object;
  readonly status?: PodStatus;
  readonly metadata?: object;
}

/** A pod as a kubelet 1.36 leaves it behind, apart from what a test says about it. */
export function podOf({ name = 'work-x7k2p', spec = {}, status = {}, metadata = {} }: RecordedPod = {}): Pod {
  const containers = [{ name: 'main', image: 'busybox:1' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: `uid-${name}`, creationTimestamp: stamp(0), ...metadata },
    spec: { restartPolicy: 'Never', nodeName: 'node-1', containers, ...spec },
    status: { phase: 'Pending', conditions: placed, ...status },
  };
}

/** Scheduled, and its sandbox made: what the kubelet reports from then on. */
const placed: readonly Condition[] = [
  { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: stamp(3) },
  { type: 'Initialized', status: 'True', lastTransitionTime: stamp(0) },
  { type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: stamp(0) },
  { type: 'PodScheduled', status: 'True', lastTransitionTime: stamp(0) },
];

/** Scheduled, without a sandbox so far. */
export const beforeSandbox: readonly Condition[] = placed.map((condition) =>
  condition.type === 'PodReadyToStartContainers' ? { ...condition, status: 'False' } : condition,
);

export function container(state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: 'main', image: 'busybox:1', ready: false, restartCount: 0, state, lastState: {}, ...more };
}

export function waiting(reason: string, message?: string): ContainerState {
  return { waiting: { reason, ...(message === undefined ? {} : { message }) } };
}

export function terminated(
  exitCode: number,
  reason = exitCode === 0 ? 'Completed' : 'Error',
  message?: string,
): ContainerState {
  const text = message === undefined ? {} : { message };
  return { terminated: { exitCode, reason, startedAt: stamp(7), finishedAt: stamp(8), ...text } };
}

export const running: ContainerState = { running: { startedAt: stamp(6) } };

/** A pod whose only container is in this state. */
export function podWith(state: ContainerState, { status = {}, ...rest }: RecordedPod = {}): Pod {
  const phase = state.terminated === undefined ? 'Pending' : state.terminated.exitCode === 0 ? 'Succeeded' : 'Failed';
  return podOf({ ...rest, status: { phase, containerStatuses: [container(state)], ...status } });
}

/** A Job as a controller 1.36 leaves it behind. */
export function jobOf(spec: object = {}, status: object = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'shop', uid: 'uid-work', creationTimestamp: stamp(0) },
    spec: { parallelism: 1, completions: 1, backoffLimit: 0, template: { spec: { containers: [] } }, ...spec },
    status: { startTime: stamp(0), ...status },
  };
}

export function failedJob(reason: string, message: string, spec: object = {}): Job {
  const condition = { status: 'True', reason, message, lastTransitionTime: stamp(10) };
  const conditions = [
    { type: 'FailureTarget', ...condition },
    { type: 'Failed', ...condition },
  ];
  return jobOf(spec, { failed: 1, conditions });
}

interface RecordedEvent {
  readonly about?: Pod | Job;
  /** Seconds. */
  readonly first?: number;
  readonly last?: number;
  readonly count?: number;
  readonly container?: string;
}

/** An event about the pod that `podOf` makes, or about another object. */
export function event(reason: string, message: string, recorded: RecordedEvent = {}): KubeEvent {
  const { about = podOf(), first = 10, last = first, count = 1 } = recorded;
  const { name, namespace = '', uid = '' } = about.metadata;
  const fieldPath = recorded.container === undefined ? {} : { fieldPath: `spec.containers{${recorded.container}}` };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${reason}.${first}`, namespace },
    reason,
    message,
    count,
    firstTimestamp: stamp(first),
    lastTimestamp: stamp(last),
    eventTime: null,
    involvedObject: { kind: about.kind, name, namespace, uid, ...fieldPath },
  };
}
