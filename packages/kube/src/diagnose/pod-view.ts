import type { EventView } from './events.ts';
import { count, fields, items, text, time, type Fields } from './fields.ts';

/** What a diagnosis needs of a pod, read without trust. Times in milliseconds. */
export interface PodView {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** The index of an Indexed Job; empty without one. */
  readonly index: string;
  readonly restartPolicy: string;
  readonly accountName: string;
  readonly node: string;
  readonly madeAt: number | undefined;
  /** When its removal was asked for; undefined while it may stay. */
  readonly leavingSince: number | undefined;
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  readonly conditions: readonly ConditionView[];
  /** Init containers first, as they run. */
  readonly containers: readonly ContainerView[];
  readonly events: readonly EventView[];
}

export interface ConditionView {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly at: number | undefined;
}

export interface ContainerView {
  readonly name: string;
  readonly kind: 'container' | 'init container';
  /** An init container that runs beside the others. */
  readonly sidecar: boolean;
  readonly image: string;
  readonly memoryLimit: string;
  readonly restarts: number;
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly running: { readonly since: number | undefined } | undefined;
  readonly ended: EndView | undefined;
  /** How its run before this one ended. */
  readonly before: EndView | undefined;
}

/** How one run of a container ended. */
export interface EndView {
  /** Undefined when the cluster has lost it. */
  readonly exitCode: number | undefined;
  readonly reason: string;
  readonly message: string;
  readonly at: number | undefined;
}

export function readPod(pod: unknown, events: readonly EventView[], now: number): PodView {
  const { metadata, spec, status } = fields(pod);
  const meta = fields(metadata);
  const specs = fields(spec);
  const state = fields(status);
  const uid = text(meta.uid);
  const name = text(meta.name);
  return {
    name: name === '' ? 'without a name' : name,
    namespace: text(meta.namespace),
    uid,
    index: text(fields(meta.labels)['batch.kubernetes.io/job-completion-index']),
    restartPolicy: text(specs.restartPolicy) || 'Always',
    accountName: text(specs.serviceAccountName),
    node: text(specs.nodeName),
    madeAt: time(meta.creationTimestamp, now),
    leavingSince: leavingSince(meta, now),
    phase: text(state.phase),
    reason: text(state.reason),
    message: text(state.message),
    conditions: readConditions(state.conditions, now),
    containers: [
      ...readContainers('init container', { specs: specs.initContainers, states: state.initContainerStatuses, now }),
      ...readContainers('container', { specs: specs.containers, states: state.containerStatuses, now }),
    ],
    events: events.filter(({ about }) =>
      about.uid === '' || uid === '' ? about.kind === 'Pod' && about.name === name : about.uid === uid,
    ),
  };
}

export function readConditions(conditions: unknown, now: number): readonly ConditionView[] {
  return items(conditions).map((condition) => ({
    type: text(condition.type),
    status: text(condition.status),
    reason: text(condition.reason),
    message: text(condition.message),
    at: time(condition.lastTransitionTime, now),
  }));
}

export function holds(conditions: readonly ConditionView[], type: string): ConditionView | undefined {
  return conditions.find((condition) => condition.type === type && condition.status === 'True');
}

/** `deletionTimestamp` is when the grace period is over, which may be in the future; what counts is when it began. */
function leavingSince(meta: Fields, now: number): number | undefined {
  const over = time(meta.deletionTimestamp, Number.POSITIVE_INFINITY);
  if (over === undefined) return undefined;
  return Math.min(over - (count(meta.deletionGracePeriodSeconds) ?? 0) * 1000, now);
}

interface Containers {
  readonly specs: unknown;
  readonly states: unknown;
  readonly now: number;
}

function readContainers(kind: ContainerView['kind'], { specs, states, now }: Containers): readonly ContainerView[] {
  const wanted = items(specs);
  return items(states).map((status) => {
    const name = text(status.name);
    const spec = wanted.find((one) => text(one.name) === name) ?? {};
    const state = fields(status.state);
    const waiting = fields(state.waiting);
    return {
      name: name === '' ? 'without a name' : name,
      kind,
      sidecar: kind === 'init container' && text(spec.restartPolicy) === 'Always',
      image: text(spec.image) || text(status.image),
      memoryLimit: text(fields(fields(spec.resources).limits).memory),
      restarts: count(status.restartCount) ?? 0,
      waiting: isThere(state.waiting) ? { reason: text(waiting.reason), message: text(waiting.message) } : undefined,
      running: isThere(state.running) ? { since: time(fields(state.running).startedAt, now) } : undefined,
      ended: readEnd(state.terminated, now),
      before: readEnd(fields(status.lastState).terminated, now),
    };
  });
}

function readEnd(value: unknown, now: number): EndView | undefined {
  if (!isThere(value)) return undefined;
  const end = fields(value);
  return {
    exitCode: count(end.exitCode),
    reason: text(end.reason),
    message: text(end.message),
    at: time(end.finishedAt, now),
  };
}

function isThere(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
