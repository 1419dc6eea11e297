import { isNoStart } from './create.ts';
import { named, ofContainer, ofPod, type Finding } from './finding.ts';
import type { ContainerView, EndView, PodView } from './pod-view.ts';
import { isMadeAgain, isTriedAgain } from './retry.ts';
import { mainContainers, type Scene } from './scene.ts';

/**
 * A container whose program ended with an error, or ends again and again. One that runs again is given its chance: it has no diagnosis.
 * For pods of a Job with attempts left it is not final.
 */
export function crashed(pod: PodView, container: ContainerView, scene: Scene): Finding | undefined {
  const end = failedEnd(pod, container, scene);
  if (end === undefined || (container.kind === 'init container' && !container.sidecar)) return undefined;
  const final = container.sidecar ? isInTheWay(pod, container, scene) : !isTriedAgain(pod, scene);
  return {
    ...ofContainer(pod, container, {
      code: 'pod.crashed',
      message: `${named(pod, container)} ended with ${exitText(end)}${restartsText(container)}`,
      hint: hintFor(end),
      retryable: false,
      final,
      since: end.at,
    }),
    end,
  };
}

/** A pod that failed without any container that says why. */
export function failedPod(pod: PodView, scene: Scene): Finding | undefined {
  if (pod.phase !== 'Failed' || pod.leavingSince !== undefined) return undefined;
  const said = [pod.reason, pod.message].filter(Boolean).join(': ');
  return ofPod(pod, {
    code: 'pod.crashed',
    message: `Pod ${pod.name} failed${said === '' ? ', and the cluster does not say why' : `: ${said}`}`,
    hint: 'See what the cluster says about the pod: kubectl describe pod.',
    retryable: false,
    final: !isMadeAgain(pod, scene),
    since: undefined,
  });
}

/** A sidecar is restarted whatever the pod's policy and the Job's limit say; it only stops those that have not begun. */
function isInTheWay(pod: PodView, { restarts }: ContainerView, { graces }: Scene): boolean {
  return restarts >= graces.crashRestarts && mainContainers(pod).every(({ running }) => running === undefined);
}

/** How the container failed; undefined while it runs, when it ended well, and when it was killed because its pod is removed. */
export function failedEnd(pod: PodView, container: ContainerView, scene: Scene): EndView | undefined {
  const { waiting, before, sidecar } = container;
  const looping = waiting?.reason === 'CrashLoopBackOff';
  // A sidecar ends because its pod does, also with an error; only one that is restarted again and again has one of its own.
  if (sidecar && !looping) return undefined;
  const end = ownEnd(pod, container, scene) ?? (looping ? (before ?? lost) : undefined);
  if (end === undefined || isNoStart(end)) return undefined;
  // Only what should run for ever fails by ending well, and only again and again.
  return end.exitCode !== 0 || (looping && pod.restartPolicy === 'Always') ? end : undefined;
}

/**
 * How the container ended by itself. Looking back it may be the run before the last one: a Job that has used up its restarts kills the one
 * that it does not want any more.
 */
export function ownEnd(pod: PodView, { ended, before }: ContainerView, { lookingBack }: Scene): EndView | undefined {
  const own = ended !== undefined && !isKill(pod, ended) ? ended : undefined;
  return own ?? (lookingBack ? before : undefined);
}

/** The runtime has thrown away what it knew of the run. */
const lost: EndView = { exitCode: undefined, reason: '', message: '', at: undefined };

/** Whoever removes a pod kills its containers: 137 and 143 then say nothing about them. */
function isKill({ leavingSince }: PodView, { at }: EndView): boolean {
  return leavingSince !== undefined && (at === undefined || at >= leavingSince);
}

/** `exit code 137 (SIGKILL)`, with the last words of the program where it left some. */
export function exitText({ exitCode, reason, message }: EndView): string {
  const signal = exitCode === undefined ? undefined : signals[exitCode - 128];
  const known = ['', 'Error', 'Completed'].includes(reason);
  const notes = [signal, known ? undefined : reason].filter(Boolean).join(', ');
  return `exit code ${exitCode ?? 'unknown'}${notes === '' ? '' : ` (${notes})`}${message === '' ? '' : `: ${message}`}`;
}

export function restartsText({ restarts }: ContainerView): string {
  return restarts === 0 ? '' : `, after ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`;
}

const signals: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

function hintFor({ exitCode }: EndView): string {
  if (exitCode === 0) return 'The program ends although it should go on running; read the last lines of its log.';
  if (exitCode === 126) return 'The shell found the command, but may not execute it; read the last lines of its log.';
  if (exitCode === 127) return 'The shell did not find the command; read the last lines of its log.';
  if (exitCode === 137)
    return 'Something killed it, perhaps a lack of memory on the node; read the last lines of its log.';
  return 'Read the last lines of its log.';
}
