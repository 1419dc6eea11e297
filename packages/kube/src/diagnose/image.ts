import type { EventView } from './events.ts';
import { earliest } from './fields.ts';
import { named, ofContainer, type Finding } from './finding.ts';
import { holds, type ContainerView, type PodView } from './pod-view.ts';
import { ageMs, isGoing, type Scene } from './scene.ts';

const wrongName = ['InvalidImageName', 'ErrImageNeverPull'];
const notPulled = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

/** An image that no pull can bring: nothing but another spec helps. */
export function imageName(pod: PodView, container: ContainerView, scene: Scene): Finding | undefined {
  const { waiting, image } = container;
  if (isGoing(pod, scene) || waiting === undefined || !wrongName.includes(waiting.reason)) return undefined;
  const never = waiting.reason === 'ErrImageNeverPull';
  return ofContainer(pod, container, {
    code: 'pod.image_name',
    message: `${named(pod, container)} cannot start, as ${
      never ? `its image ${image} is not on the node and may not be pulled` : `${image} is no valid name of an image`
    }: ${waiting.message || waiting.reason}`,
    hint: never
      ? 'Load the image into the cluster, or set imagePullPolicy to IfNotPresent.'
      : 'Correct the image: host/path:tag, with the path in lower case.',
    retryable: false,
    final: true,
    since: firstOf(pod, container, ({ reason }) => ['InspectFailed', 'ErrImageNeverPull', 'Failed'].includes(reason)),
  });
}

/** An image that was not pulled so far. Registries fail for moments, so it takes a while or several attempts to be final. */
export function imagePull(pod: PodView, container: ContainerView, scene: Scene): Finding | undefined {
  const { waiting, image } = container;
  if (isGoing(pod, scene) || waiting === undefined || !notPulled.includes(waiting.reason)) return undefined;
  const attempts = pod.events.filter((event) => isOf(event, container) && isFailedPull(event));
  const since =
    earliest(attempts.map(({ firstAt }) => firstAt)) ??
    holds(pod.conditions, 'PodReadyToStartContainers')?.at ??
    holds(pod.conditions, 'PodScheduled')?.at ??
    pod.madeAt;
  const tried = attempts.reduce((sum, { count }) => sum + count, 0);
  const answer = answerOf(waiting, attempts);
  const secret = pod.events.find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret');
  return ofContainer(pod, container, {
    code: 'pod.image_pull',
    message: [
      `${named(pod, container)} waits for its image ${image}, which cannot be pulled: ${answer}`,
      secret?.message,
    ]
      .filter(Boolean)
      .join(' '),
    hint: hintFor(answer, secret !== undefined),
    retryable: true,
    final: ageMs(since, scene) >= scene.graces.imagePullMs || tried >= scene.graces.imagePullAttempts,
    since,
  });
}

function isOf({ container }: EventView, { name }: ContainerView): boolean {
  return container === '' || container === name;
}

function isFailedPull({ reason, message }: EventView): boolean {
  return reason === 'Failed' && /^Failed to pull image/i.test(message);
}

function firstOf(pod: PodView, container: ContainerView, which: (event: EventView) => boolean): number | undefined {
  return earliest(pod.events.filter((event) => isOf(event, container) && which(event)).map(({ firstAt }) => firstAt));
}

/** What the registry said: in the state itself, or, on clusters before 1.32 and between two attempts, in the events only. */
function answerOf(
  waiting: { readonly reason: string; readonly message: string },
  attempts: readonly EventView[],
): string {
  const inState = waiting.message.replace(/^Back-off pulling image "[^"]*"(: ErrImagePull)?(: )?/, '');
  const inEvent = attempts.at(-1)?.message.replace(/^Failed to pull image "[^"]*": /i, '');
  return inState || inEvent || waiting.reason;
}

function hintFor(answer: string, secretMissing: boolean): string {
  const check = 'or, in a local cluster, load the image into it';
  if (secretMissing)
    return `Create the image pull secret that the message names, check name and tag of the image, ${check}.`;
  if (/toomanyrequests|429|rate limit/i.test(answer)) {
    return `The registry limits pulls: wait, name an image pull secret of an account with more, ${check}.`;
  }
  if (/unauthorized|denied|forbidden|\b40[13]\b|authentication/i.test(answer)) {
    return `Check name and tag of the image, and that the pod names an image pull secret whose account may read it; ${check}.`;
  }
  if (/not ?found|manifest unknown|\b404\b|does not exist/i.test(answer)) {
    return `Check name and tag of the image; a private one needs an image pull secret; ${check}.`;
  }
  if (/no such host|timeout|timed out|refused|unreachable|x509|tls|certificate|EOF/i.test(answer)) {
    return `The node does not reach the registry: check the host in the image's name, network and certificates, ${check}.`;
  }
  return `Check name and tag of the image and its pull secret, ${check}.`;
}
