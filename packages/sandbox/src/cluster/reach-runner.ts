import { kubeErrors } from '@ephemera/kube';
import { EphemeraError, type Job, type Pod } from '@ephemera/model';
import { ProtocolMismatch } from '../errors.ts';
import { infoOf } from '../objects/info.ts';
import { greet, type Greeted } from './greet.ts';
import { openRunner } from './open-runner.ts';
import { hasEnded } from './pod-state.ts';
import type { PodWatch } from './pod-watch.ts';
import type { Setting } from './setting.ts';

/**
 * The kubelet has a container to execute in as soon as its runtime has started it, and says so in the pod's status only at its next round,
 * up to a second later. So it is asked. Before this time no pod with volumes has got so far: the kubelet looks for them every 300 ms.
 */
const notBeforeMs = 200;
/** Between two attempts. Many starts at once make each attempt slow, and slow attempts are made less often. */
const leastPauseMs = 25;
const mostPauseMs = 500;
const pausePerAttempt = 2;
/** A node that takes this long is not about to answer, whether it pulls an image or has no room. */
const patientAfterMs = 5_000;
/** For an open stream to say its first words. */
const attemptMs = 10_000;
const whileWithoutPodMs = 1_000;

export interface Reach {
  readonly setting: Setting;
  readonly job: Job;
  readonly watch: PodWatch;
  readonly signal: AbortSignal;
  readonly onScheduled: () => void;
  readonly onProblem: (problem: unknown) => void;
}

/** Until the runner has answered, however long that takes. Throws only what no later attempt can change. */
export async function reachRunner(reach: Reach): Promise<{ readonly pod: Pod; readonly greeted: Greeted }> {
  const { job, watch, signal, onScheduled, onProblem } = reach;
  let placedAt: number | undefined;
  for (;;) {
    const pod = watch.of(job);
    if (pod?.spec.nodeName === undefined || hasEnded(pod)) {
      await watch.news.next(whileWithoutPodMs, signal);
      continue;
    }
    if (placedAt === undefined) {
      placedAt = performance.now();
      onScheduled();
      await watch.news.next(notBeforeMs, signal);
    }
    const began = performance.now();
    try {
      return { pod, greeted: await attempt(reach, pod) };
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw error;
      onProblem(error);
    }
    const now = performance.now();
    const pauseMs = Math.min(mostPauseMs, Math.max(leastPauseMs, (now - began) * pausePerAttempt));
    await watch.news.next(now - placedAt > patientAfterMs ? mostPauseMs : pauseMs, signal);
  }
}

async function attempt({ setting, job, signal }: Reach, pod: Pod): Promise<Greeted> {
  const deadline = AbortSignal.timeout(attemptMs);
  const { idleTimeoutMs = 0, expiresAt } = infoOf(job);
  const inMs = Math.max(1, Date.parse(expiresAt) - (await setting.now()).getTime());
  try {
    return await openRunner(setting, pod, {
      signal: AbortSignal.any([signal, deadline]),
      use: (stream) => greet(stream, { inMs, idleMs: idleTimeoutMs }),
    });
  } catch (thrown) {
    if (!deadline.aborted) throw thrown;
    throw new kubeErrors.DeadlineExceeded(
      { what: 'The first answer of the runner', timeoutMs: attemptMs },
      { cause: thrown },
    );
  }
}

/** Whether a later attempt may get through. What is final about the pod itself its states and events tell better. */
function mayPass(error: unknown): boolean {
  if (error instanceof ProtocolMismatch || !(error instanceof EphemeraError)) return false;
  return error.retryable || [kubeErrors.ExecFailed.code, kubeErrors.NotFound.code].includes(error.code);
}
