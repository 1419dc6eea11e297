import { explainPods, type Diagnosis } from '@ephemera/kube';
import type { Job, Pod } from '@ephemera/model';
import { SandboxGone, StartFailed } from '../errors.ts';
import { infoOf } from '../objects/info.ts';
import { lastWords } from './last-words.ts';
import { saysWhy } from './pod-state.ts';
import { verdictOf } from './verdict-of.ts';
import type { PodWatch } from './pod-watch.ts';
import { jobRef, type Setting } from './setting.ts';
import { mayPass } from './until-answered.ts';

/** How often the cluster is asked what is wrong although nothing has changed: events are not watched. */
const firstLookMs = 300;
const longestLookMs = 2_000;

export interface Doubt {
  readonly setting: Setting;
  readonly job: Job;
  readonly watch: PodWatch;
  readonly signal: AbortSignal;
  /** What is wrong now, and may pass. */
  readonly onDiagnosis: (diagnosis: Diagnosis | undefined) => void;
  /** The cluster could not be asked. It is asked again. */
  readonly onProblem: (problem: unknown) => void;
}

/**
 * Looks for what keeps a sandbox from starting, and ends only by throwing: `sandbox.start_failed` as soon as waiting longer cannot help,
 * `sandbox.gone` where its Job is removed, and what ended it where it has ended well.
 */
export async function explainStart(doubt: Doubt): Promise<never> {
  const { job, watch, signal, onProblem } = doubt;
  let lookMs = firstLookMs;
  let lookAt = performance.now() + lookMs;
  let wasOver = false;
  for (;;) {
    await watch.news.next(Math.max(0, lookAt - performance.now()), signal);
    const pod = watch.of(job);
    const isDue = performance.now() >= lookAt;
    if (!isDue && (wasOver || pod === undefined || !saysWhy(pod))) continue;
    let verdict: Error | undefined;
    try {
      verdict = await look(doubt, pod);
    } catch (error) {
      signal.throwIfAborted();
      // A cluster that cannot tell what is wrong has not said that anything is.
      if (!mayPass(error)) throw error;
      onProblem(error);
    }
    // The Job may be known to have failed before its pod is known to: what the pod says is the better reason.
    if (verdict !== undefined && wasOver) throw verdict;
    wasOver = verdict !== undefined;
    if (isDue) lookMs = Math.min(lookMs * 1.5, longestLookMs);
    lookAt = performance.now() + lookMs;
  }
}

/** Throws where waiting longer cannot help. Returns why it is over, where only that is known. */
async function look({ setting, job, signal, onDiagnosis }: Doubt, pod: Pod | undefined): Promise<Error | undefined> {
  const id = job.metadata.name;
  const { cluster, namespace, graces } = setting;
  const current = await cluster.get<Job>(jobRef(setting, id), signal);
  const { uid } = job.metadata;
  if (current === undefined || current.metadata.uid !== uid || current.metadata.deletionTimestamp !== undefined) {
    throw new SandboxGone({ id, reason: 'it was removed while it started.' });
  }
  const pods = pod === undefined ? [] : [pod];
  const now = await setting.now();
  const diagnosis = await explainPods(cluster, { namespace, job: current, pods, now, graces }, signal);
  onDiagnosis(diagnosis);
  // A quota may be raised, or others may end: whoever waits for a sandbox wants to know, not to wait.
  if (diagnosis === undefined)
    return verdictOf({ id, uid, job: current, pods, expiresAt: infoOf(current).expiresAt, now });
  if (!diagnosis.final && diagnosis.code !== 'pod.quota') return undefined;
  const words = pod !== undefined && diagnosis.code === 'pod.crashed' ? await lastWords(setting, pod, signal) : '';
  throw new StartFailed({
    image: infoOf(job).image,
    diagnosis: diagnosis.code,
    reason: `${diagnosis.message}${words}`,
    remedy: diagnosis.hint,
    again: diagnosis.retryable,
  });
}
