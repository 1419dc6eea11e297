import type { Job, KubeEvent, Pod } from '@ephemera/model';
import { account } from './account.ts';
import { admission } from './admission.ts';
import { config } from './config.ts';
import { crashed, failedPod } from './crashed.ts';
import { create, sandbox } from './create.ts';
import { jobDeadline, podDeadline } from './deadline.ts';
import { diagnosisCodes, type Diagnosis, type DiagnosisCode } from './diagnosis.ts';
import { disruption } from './disruption.ts';
import type { Finding } from './finding.ts';
import { defaultGraces, type Graces } from './graces.ts';
import { imageName, imagePull } from './image.ts';
import { init } from './init.ts';
import { noPod } from './no-pod.ts';
import { maxLength, oneLine } from './one-line.ts';
import { outOfMemory } from './out-of-memory.ts';
import type { PodView } from './pod-view.ts';
import { quota } from './quota.ts';
import { endedBadly, endedWell, mainContainers, readScene, type Scene } from './scene.ts';
import { unschedulable } from './unschedulable.ts';
import { volume } from './volume.ts';

/** What was seen of one thing that should run. */
export interface Seen {
  /** Left out for pods that no Job makes. */
  readonly job?: Job | undefined;
  /** All pods of the Job, or the pods in question. */
  readonly pods: readonly Pod[];
  /** Events of the Job and of the pods; `unreadable` where the account may not read them. */
  readonly events: readonly KubeEvent[] | 'unreadable';
  /** The time at the cluster, see `Cluster.clockAheadMs`. */
  readonly now: Date;
}

/**
 * Why something does not run, from conditions, states of containers, events and the Job's own conditions; never from a phase alone.
 * Undefined when all is well, merely slow, suspended or complete. Pure, and total: whatever the cluster wrote, nothing is thrown.
 *
 * One answer, the most useful one. Within one pod what ended it from outside comes first (its limit of time, then eviction), as it
 * explains how the containers ended. Otherwise what is final comes before what may pass, as it decides; then the order of
 * `diagnosisCodes`; then the newest pod, as older ones ran with what may have been corrected since.
 */
export function diagnose(seen: Seen, graces: Partial<Graces> = {}): Diagnosis | undefined {
  const scene = readScene(seen, { ...defaultGraces, ...graces });
  const found = findings(scene).toSorted(byWeight)[0];
  return found === undefined ? undefined : withNote(found.diagnosis, scene);
}

/** All that is wrong, in no order. */
function findings(scene: Scene): readonly Finding[] {
  const { job, pods } = scene;
  if (job !== undefined && job.failed === undefined && (job.complete || job.suspended)) return [];
  const ofAll = [jobDeadline(scene), quota(scene), account(scene), admission(scene)].filter((one) => one !== undefined);
  const ofPods = pods.filter((pod) => !isReplaced(pod, scene)).flatMap((pod) => podFindings(pod, scene));
  const known = [...ofAll, ...ofPods];
  const missing = known.length === 0 ? noPod(scene) : undefined;
  return missing === undefined ? known : [missing];
}

/** What is wrong with one pod; the first is the most telling. */
export function podFindings(pod: PodView, scene: Scene): readonly Finding[] {
  if (endedWell(pod)) return [];
  const outside = podDeadline(pod) ?? disruption(pod, scene);
  if (outside !== undefined) return [outside];
  const inside = pod.containers.map(
    (container) =>
      imageName(pod, container, scene) ??
      config(pod, container, scene) ??
      create(pod, container, scene) ??
      outOfMemory(pod, container, scene) ??
      init(pod, container, scene) ??
      crashed(pod, container, scene) ??
      imagePull(pod, container, scene),
  );
  const found = [...inside, sandbox(pod, scene), volume(pod, scene), unschedulable(pod, scene)].filter(
    (one) => one !== undefined,
  );
  if (found.length > 0) return found.toSorted(byWeight);
  return [failedPod(pod, scene)].filter((one) => one !== undefined);
}

/** A failed pod of a Job that goes on: a later one does its work, so the failure is history. */
function isReplaced(pod: PodView, { job, pods }: Scene): boolean {
  if (job === undefined || job.failed !== undefined || !endedBadly(pod)) return false;
  return pods.some(
    (other) =>
      other.index === pod.index &&
      (other.madeAt ?? 0) > (pod.madeAt ?? 0) &&
      (endedWell(other) || mainContainers(other).some(({ running }) => running !== undefined)),
  );
}

const order: readonly DiagnosisCode[] = diagnosisCodes.map(({ code }) => code);

function byWeight(a: Finding, b: Finding): number {
  return (
    Number(b.diagnosis.final) - Number(a.diagnosis.final) ||
    order.indexOf(a.diagnosis.code) - order.indexOf(b.diagnosis.code) ||
    (b.pod?.madeAt ?? 0) - (a.pod?.madeAt ?? 0)
  );
}

function withNote(found: Diagnosis, { eventsReadable }: Scene): Diagnosis {
  if (eventsReadable) return found;
  const note = 'The account may not list events in this namespace, so there may be more to know.';
  return { ...found, hint: oneLine(`${found.hint} ${note}`, maxLength) };
}
