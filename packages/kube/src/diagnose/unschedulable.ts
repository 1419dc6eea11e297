import { latest } from './fields.ts';
import { ofPod, type Finding } from './finding.ts';
import type { PodView } from './pod-view.ts';
import { isMadeAgain } from './retry.ts';
import { ageMs, endedBadly, isGoing, type Scene } from './scene.ts';

/** What autoscalers write when they bring a node for the pod: the cluster autoscaler, and Karpenter. */
const scaleUps = ['TriggeredScaleUp', 'Nominated'];

/** What keeps a node from taking a pod that fits it: others fill it, or it is ill, drained or not yet ready. */
const saysRoom =
  /Insufficient |Too many pods|free ports|max volume count|were unschedulable|taints? \{node\.(?:cloudprovider\.)?kubernetes\.io\//i;

/** No node takes the pod. A node may become free or be added, so there is a long grace; it begins again with every scale-up. */
export function unschedulable(pod: PodView, scene: Scene): Finding | undefined {
  if (endedBadly(pod)) return refusedByNode(pod, scene);
  const condition = pod.conditions.find(
    ({ type, status, reason }) =>
      type === 'PodScheduled' && status === 'False' && ['Unschedulable', 'SchedulerError'].includes(reason),
  );
  if (condition === undefined || isGoing(pod, scene)) return undefined;
  const scaleUp = latest(pod.events.filter(({ reason }) => scaleUps.includes(reason)).map(({ lastAt }) => lastAt));
  const since = condition.at ?? pod.madeAt;
  const declined = pod.events.findLast(
    ({ reason, lastAt }) => reason === 'NotTriggerScaleUp' && (lastAt ?? 0) > (scaleUp ?? 0),
  );
  const said = condition.message || condition.reason;
  return ofPod(pod, {
    code: 'pod.unschedulable',
    message: [
      `No node takes pod ${pod.name}: ${said}`,
      scaleUp !== undefined && declined === undefined ? 'A new node was asked for.' : declined?.message,
    ]
      .filter(Boolean)
      .join(' '),
    hint: hintFor(said),
    retryable: true,
    final: ageMs(latest([since, scaleUp]), scene) >= scene.graces.unschedulableMs,
    ...(saysRoom.test(said) && { lacksRoom: true }),
    since,
  });
}

/** The scheduler gave the pod to a node that then had no room for it, or did not fit any more. */
function refusedByNode(pod: PodView, scene: Scene): Finding | undefined {
  if (!/^(OutOf\w+|NodeAffinity|UnexpectedAdmissionError|TopologyAffinityError)$/.test(pod.reason)) return undefined;
  return ofPod(pod, {
    code: 'pod.unschedulable',
    message: `Node ${pod.node} refused pod ${pod.name} (${pod.reason}): ${pod.message}`,
    hint: 'Run it again: the scheduler then sees what the node really has.',
    retryable: true,
    final: !isMadeAgain(pod, scene),
    since: undefined,
  });
}

function hintFor(said: string): string {
  if (/persistentvolumeclaim|volume|PersistentVolume/i.test(said)) {
    return 'Create the volume claim that the message names, or see why it is not bound: kubectl get pvc.';
  }
  const lacking = [...said.matchAll(/Insufficient ([\w./-]*\w)/g)].map(([, resource]) => resource);
  if (lacking.length > 0) {
    return `Ask for less ${[...new Set(lacking)].join(' and ')}, add nodes, or wait until others are done.`;
  }
  if (/didn't match|node affinity|selector/i.test(said)) {
    return 'Correct nodeSelector or affinity, or label a node so that it fits.';
  }
  if (/taint/i.test(said)) return 'Add the toleration, or remove the taint that the message names.';
  if (/too many pods/i.test(said)) return 'Add nodes, or wait until other pods are done.';
  return 'Change what the message names, in the spec or at the nodes.';
}
