import { earliest } from './fields.ts';
import { ofPod, type Finding } from './finding.ts';
import type { PodView } from './pod-view.ts';
import { ageMs, beforeContainers, type Scene } from './scene.ts';

const failures = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume'];
/** What comes after the volumes: then they are there, whatever older events say. */
const later = ['Pulling', 'Pulled', 'Created', 'Started'];

/** A volume that is not mounted. Only events say so: the pod itself just reads "ContainerCreating". */
export function volume(pod: PodView, scene: Scene): Finding | undefined {
  if (!beforeContainers(pod)) return undefined;
  const past = pod.events.findLastIndex(({ reason }) => later.includes(reason));
  const failed = pod.events.slice(past + 1).filter(({ reason }) => failures.includes(reason));
  // The kubelet adds a summary that names the volumes, but not what is wrong with them.
  const telling = failed.filter(({ message }) => !/^Unable to attach or mount volumes/i.test(message));
  const last = telling.at(-1) ?? failed.at(-1);
  if (last === undefined) return undefined;
  const since = earliest(failed.map(({ firstAt }) => firstAt));
  return ofPod(pod, {
    code: 'pod.volume',
    message: `Pod ${pod.name} waits for a volume: ${last.message}`,
    hint: hintFor(last.message, pod.namespace),
    retryable: true,
    final: ageMs(since, scene) >= scene.graces.volumeMs,
    since,
  });
}

function hintFor(message: string, namespace: string): string {
  const missing = /\b(secret|configmap|persistentvolumeclaim) "([^"]+)" not found/i.exec(message);
  const place = namespace === '' ? '' : ` in namespace ${namespace}`;
  if (missing) return `Create ${missing[1]?.toLowerCase()} ${missing[2]}${place}, or correct the name in the spec.`;
  if (/non-existent (secret|config) key/i.test(message))
    return 'Add the key that the message names, or correct it in the spec.';
  if (/hostPath type check failed/i.test(message))
    return 'Make that path on the node, or change path or type of the volume.';
  if (/attach/i.test(message)) return 'See which pod or node still has the volume: kubectl get volumeattachments.';
  return 'Create what the message names, or correct it in the spec.';
}
