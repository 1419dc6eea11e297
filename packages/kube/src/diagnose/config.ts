import { earliest } from './fields.ts';
import { named, ofContainer, type Finding } from './finding.ts';
import type { ContainerView, PodView } from './pod-view.ts';
import { isGoing, type Scene } from './scene.ts';

/** What a container is made from is not there: a Secret, a ConfigMap, a key; or its settings and its image contradict each other. */
export function config(pod: PodView, container: ContainerView, scene: Scene): Finding | undefined {
  const { waiting } = container;
  if (isGoing(pod, scene) || waiting?.reason !== 'CreateContainerConfigError') return undefined;
  // The kubelet has not got its copy of an object yet: it comes, or turns into "not found".
  const passing = /failed to sync .* cache|timed out waiting for the condition/i.test(waiting.message);
  const said = waiting.message || 'the cluster does not say what is wrong with its settings';
  return ofContainer(pod, container, {
    code: 'pod.config',
    message: `${named(pod, container)} cannot start: ${said}`,
    hint: hintFor(waiting.message, pod.namespace),
    retryable: passing,
    final: !passing,
    since: earliest(
      pod.events
        .filter(({ reason, message }) => reason === 'Failed' && message === `Error: ${waiting.message}`)
        .map(({ firstAt }) => firstAt),
    ),
  });
}

function hintFor(message: string, namespace: string): string {
  const missing = /\b(secret|configmap) "([^"]+)" not found/i.exec(message);
  if (missing)
    return `Create ${kindOf(missing[1])} ${missing[2]}${placeOf(namespace)}, or correct the name in the spec.`;
  const key = /couldn't find key (.+) in (Secret|ConfigMap) (?:[^/\s]+\/)?(\S+)/i.exec(message);
  if (key)
    return `Add the key ${key[1]} to ${kindOf(key[2])} ${key[3]}${placeOf(namespace)}, or correct it in the spec.`;
  if (/runAsNonRoot|run as root|non-root/i.test(message)) {
    return 'Set runAsUser to a number other than 0, or take an image whose user is one.';
  }
  return 'Correct what the message names, in the cluster or in the spec.';
}

function kindOf(word: string | undefined): string {
  return word?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap';
}

function placeOf(namespace: string): string {
  return namespace === '' ? '' : ` in namespace ${namespace}`;
}
