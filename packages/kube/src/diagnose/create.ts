import { earliest } from './fields.ts';
import { named, ofContainer, ofPod, type Finding } from './finding.ts';
import type { ContainerView, EndView, PodView } from './pod-view.ts';
import { ageMs, beforeContainers, isGoing, type Scene } from './scene.ts';

const failing = [
  'CreateContainerError',
  'RunContainerError',
  'PostStartHookError',
  'PreCreateHookError',
  'PreStartHookError',
];
/** How a container ended that never began. */
const neverBegan = ['StartError', 'ContainerCannotRun'];

/**
 * A container that cannot be made or started. Final at once, for Jobs with attempts left too: a command that is not there is not there
 * in the next pod either. Not where the runtime is merely too busy.
 */
export function create(pod: PodView, container: ContainerView, scene: Scene): Finding | undefined {
  const said = whatFailed(container);
  if (said === undefined || isGoing(pod, scene)) return undefined;
  const busy = /deadline exceeded|failed to reserve (container|sandbox) name|is reserved for|already in use/i.test(
    said.message,
  );
  const began = earliest(
    pod.events
      .filter((event) => event.reason === 'Failed' && event.container === container.name)
      .map(({ firstAt }) => firstAt),
  );
  const since = began ?? said.at;
  return ofContainer(pod, container, {
    code: 'pod.create',
    message: `${named(pod, container)} cannot start: ${withoutWrapping(said.message)}`,
    hint: hintFor(said.message, busy),
    retryable: busy,
    final: !busy || ageMs(since, scene) >= scene.graces.volumeMs,
    since,
  });
}

/** The sandbox that containers share cannot be made: network, runtime class, or a busy runtime. */
export function sandbox(pod: PodView, scene: Scene): Finding | undefined {
  if (!beforeContainers(pod)) return undefined;
  const failures = pod.events.filter(({ reason }) => reason === 'FailedCreatePodSandBox');
  const last = failures.at(-1);
  if (last === undefined) return undefined;
  const since = earliest(failures.map(({ firstAt }) => firstAt));
  return ofPod(pod, {
    code: 'pod.create',
    message: `Pod ${pod.name} cannot start: ${last.message}`,
    hint: /no runtime for|runtime ?class|runtime handler/i.test(last.message)
      ? 'Check runtimeClassName of the pod, and that the node has the runtime that it names.'
      : 'Look at the network plugin and the container runtime of the node.',
    retryable: true,
    final: ageMs(since, scene) >= scene.graces.volumeMs,
    since,
  });
}

/** Whether a run ended without having begun. It is this file's, not a crash. */
export function isNoStart(end: EndView): boolean {
  return neverBegan.includes(end.reason);
}

function whatFailed({
  waiting,
  ended,
  before,
}: ContainerView): { message: string; at: number | undefined } | undefined {
  if (waiting !== undefined && failing.includes(waiting.reason)) {
    const end = before !== undefined && isNoStart(before) ? before : undefined;
    return { message: waiting.message || end?.message || waiting.reason, at: end?.at };
  }
  const end = ended ?? (waiting === undefined ? undefined : before);
  return end !== undefined && isNoStart(end) ? { message: end.message || end.reason, at: end.at } : undefined;
}

/** Five layers of software say that they failed before the last one says why. */
function withoutWrapping(message: string): string {
  const wrapping =
    /^(failed to (create|start) container(d task)?( "[^"]*")?: |failed to create shim task: |OCI runtime create failed: |runc create failed: |unable to start container process: |error during container init: )+/;
  return message.replace(wrapping, '') || message;
}

function hintFor(message: string, busy: boolean): string {
  if (busy) return 'The container runtime of the node is busy; it tries again.';
  if (
    /exec|executable file not found|no such file or directory|permission denied/i.test(message) &&
    !/mount/i.test(message)
  ) {
    return 'Correct the command: it has to be in the image, executable, and made for the processor of the node.';
  }
  if (/mount|not a directory|subpath/i.test(message)) {
    return 'Correct the mount path or the working directory that the message names: a folder cannot stand on a file.';
  }
  return 'Correct what the message names: command, working directory, mount or security settings.';
}
