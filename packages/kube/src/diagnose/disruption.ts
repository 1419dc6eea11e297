import type { DiagnosisCode } from './diagnosis.ts';
import { ofPod, type Finding } from './finding.ts';
import { holds, type PodView } from './pod-view.ts';
import { isMadeAgain } from './retry.ts';
import type { Scene } from './scene.ts';

/** By the reason of the condition DisruptionTarget, and of the pod itself. */
const causes: Readonly<Record<string, Cause>> = {
  EvictionByEvictionAPI: 'pod.evicted',
  TerminationByKubelet: 'pod.evicted',
  Evicted: 'pod.evicted',
  PreemptionByScheduler: 'pod.preempted',
  PreemptionByKubeScheduler: 'pod.preempted',
  Preempting: 'pod.preempted',
  DeletionByTaintManager: 'pod.node_lost',
  DeletionByPodGC: 'pod.node_lost',
  NodeLost: 'pod.node_lost',
  NodeShutdown: 'pod.node_lost',
  Shutdown: 'pod.node_lost',
  Terminated: 'pod.node_lost',
};

type Cause = Extract<DiagnosisCode, 'pod.evicted' | 'pod.preempted' | 'pod.node_lost'>;

const happened: Readonly<Record<Cause, string>> = {
  'pod.evicted': 'was evicted',
  'pod.preempted': 'had to make room for a pod of higher priority',
  'pod.node_lost': 'lost its node',
};

/**
 * A pod that was ended by the infrastructure, not by itself: evicted, preempted, or its node went away. It explains whatever its
 * containers ended with, so it comes before them.
 */
export function disruption(pod: PodView, scene: Scene): Finding | undefined {
  const target = holds(pod.conditions, 'DisruptionTarget');
  const code = causeOf(pod.reason) ?? (target === undefined ? undefined : (causeOf(target.reason) ?? 'pod.evicted'));
  if (code === undefined) return undefined;
  const why = [pod.reason || target?.reason, pod.message || target?.message].filter(Boolean).join(': ');
  return ofPod(pod, {
    code,
    message: `Pod ${pod.name} ${happened[code]}${pod.node === '' ? '' : ` (node ${pod.node})`}: ${why}`,
    hint: hintFor(code, pod.message),
    retryable: true,
    final: !isMadeAgain(pod, scene),
    since: target?.at,
  });
}

/** Not `causes[reason]` alone: a reason may be any word, also one that every object has. */
function causeOf(reason: string): Cause | undefined {
  return Object.hasOwn(causes, reason) ? causes[reason] : undefined;
}

function hintFor(code: Cause, message: string): string {
  if (code === 'pod.preempted')
    return 'Run it again when the cluster is less busy, or give it a higher priority class.';
  if (code === 'pod.node_lost') return 'Run it again; if it happens often, look at the node: kubectl describe node.';
  if (/exceeds the (total )?limit|EmptyDir|ephemeral/i.test(message)) {
    return 'Raise the limit that the message names (sizeLimit of the volume, or ephemeral-storage), or write less.';
  }
  return 'Run it again; the node was short of something or was being drained.';
}
