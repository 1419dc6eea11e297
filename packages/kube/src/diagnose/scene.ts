import { readEvents, type EventView } from './events.ts';
import type { Graces } from './graces.ts';
import { readJob, type JobView } from './job-view.ts';
import { holds, readPod, type ContainerView, type PodView } from './pod-view.ts';

/** All that a diagnosis looks at. */
export interface Scene {
  /** Milliseconds. */
  readonly now: number;
  readonly graces: Graces;
  readonly job: JobView | undefined;
  readonly pods: readonly PodView[];
  /** Events of whoever makes the pods: the Job, or what the caller passed beside the events of the pods. Oldest first. */
  readonly makerEvents: readonly EventView[];
  readonly eventsReadable: boolean;
  /** It is over, and the pods are as they were seen last, which for most is while they were being removed. */
  readonly lookingBack: boolean;
}

export interface SceneParts {
  readonly job?: unknown;
  readonly pods: unknown;
  readonly events: unknown;
  readonly now: Date;
  /** Default false. */
  readonly lookingBack?: boolean;
}

export function readScene({ job, pods, events, now, lookingBack = false }: SceneParts, graces: Graces): Scene {
  // A clock that says nothing lets no grace end.
  const at = Number(now);
  const all = readEvents(events, at);
  const jobView = job === undefined || job === null ? undefined : readJob(job, at);
  return {
    now: at,
    graces,
    job: jobView,
    pods: (Array.isArray(pods) ? pods : []).map((pod: unknown) => readPod(pod, all, at)),
    makerEvents: all.filter(({ about }) =>
      jobView === undefined || jobView.uid === '' || about.uid === ''
        ? about.kind !== 'Pod'
        : about.uid === jobView.uid,
    ),
    eventsReadable: events !== 'unreadable',
    lookingBack,
  };
}

/** It is being removed: what it waits for no longer matters, except to explain the end afterwards. */
export function isGoing({ leavingSince }: PodView, { lookingBack }: Scene): boolean {
  return leavingSince !== undefined && !lookingBack;
}

/** How long something has lasted; 0 when nobody knows since when. */
export function ageMs(since: number | undefined, { now }: Scene): number {
  return since === undefined || Number.isNaN(now) ? 0 : now - since;
}

/** What does the pod's work: neither init containers nor sidecars. */
export function mainContainers(pod: PodView): readonly ContainerView[] {
  return pod.containers.filter(({ kind }) => kind === 'container');
}

/** It did its work: whatever was killed or missing beside it no longer matters. */
export function endedWell(pod: PodView): boolean {
  const main = mainContainers(pod);
  return (
    pod.phase === 'Succeeded' ||
    // A program may end well when it is told to end: an evicted pod has failed all the same.
    (pod.phase !== 'Failed' &&
      pod.restartPolicy !== 'Always' &&
      main.length > 0 &&
      main.every(({ ended }) => ended?.exitCode === 0))
  );
}

/** It ended without having done its work, and is never started again. */
export function endedBadly(pod: PodView): boolean {
  if (endedWell(pod)) return false;
  if (pod.phase === 'Failed') return true;
  const main = mainContainers(pod);
  return (
    pod.restartPolicy === 'Never' &&
    pod.containers.some(({ ended, sidecar }) => ended !== undefined && ended.exitCode !== 0 && !sidecar) &&
    main.every(({ running }) => running === undefined)
  );
}

/** Its containers have not all begun: it is being placed, its volumes, image or settings are being fetched, or one of it is waiting. */
export function isStuck(pod: PodView): boolean {
  if (endedWell(pod) || endedBadly(pod) || pod.leavingSince !== undefined) return false;
  return (
    pod.containers.length === 0 ||
    pod.containers.some(({ waiting }) => waiting !== undefined) ||
    mainContainers(pod).length === 0
  );
}

/** No container has begun, nor can it yet: what comes before the first image is at fault. */
export function beforeContainers(pod: PodView): boolean {
  return (
    pod.leavingSince === undefined &&
    holds(pod.conditions, 'PodReadyToStartContainers') === undefined &&
    pod.containers.every(
      ({ waiting, running, ended, before }) =>
        running === undefined &&
        ended === undefined &&
        before === undefined &&
        ['', 'ContainerCreating', 'PodInitializing'].includes(waiting?.reason ?? ''),
    )
  );
}

/** How many pods of the Job are missing. */
export function missingPods({ job, pods }: Scene): number {
  if (job === undefined || job.suspended || job.complete || job.failed !== undefined) return 0;
  const living = pods.filter((pod) => !endedWell(pod) && !endedBadly(pod)).length;
  return Math.max(0, job.wantedPods - Math.max(living, job.activePods));
}
