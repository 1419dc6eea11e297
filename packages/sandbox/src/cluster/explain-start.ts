import { explainPods, type Diagnosis } from '@ephemera/kube';
import type { Job, Pod } from '@ephemera/model';
import { SandboxGone, StartFailed } from '../errors.ts';
import { infoOf } from '../objects/info.ts';
import { lastWords } from './last-words.ts';
import { saysWhy } from './pod-state.ts';
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
 * `sandbox.gone` where its Job is removed, or has ended well.
 */
export async function explainStart(doubt: Doubt): Promise<never> {
  const { job, watch, signal, onProblem } = doubt;
  let lookMs = firstLookMs;
  let lookAt = performance.now() + lookMs;
  for (;;) {
    await watch.news.next(Math.max(0, lookAt - performance.now()), signal);
    const pod = watch.of(job);
    const isDue = performance.now() >= lookAt;
    if (!isDue && (pod === undefined || !saysWhy(pod))) continue;
    try {
      await look(doubt, pod);
    } catch (error) {
      signal.throwIfAborted();
      // A cluster that cannot tell what is wrong has not said that anything is.
      if (!mayPass(error)) throw error;
      onProblem(error);
    }
    if (isDue) lookMs = Math.min(lookMs * 1.5, longestLookMs);
    lookAt = performance.now() + lookMs;
  }
}

async function look({ setting, job, signal, onDiagnosis }: Doubt, pod: Pod | undefined): Promise<void> {
  const id = job.metadata.name;
  const { cluster, namespace, graces } = setting;
  const current = await cluster.get<Job>(jobRef(setting, id), signal);
  if (current?.metadata.uid !== job.metadata.uid || current?.metadata.deletionTimestamp !== undefined) {
    throw new SandboxGone({ id, reason: 'it was removed while it started.' });
  }
  const pods = pod === undefined ? [] : [pod];
  const now = await setting.now();
  const diagnosis = await explainPods(cluster, { namespace, job: current, pods, now, graces }, signal);
  onDiagnosis(diagnosis);
  const { state, reason = 'it has ended' } = infoOf(current ?? job);
  // Nothing is wrong with a pod that ended well, as one does at its time: it is only too late for it.
  if (diagnosis === undefined && state === 'ended') throw new SandboxGone({ id, reason });
  // A quota may be raised, or others may end: whoever waits for a sandbox wants to know, not to wait.
  if (diagnosis === undefined || (!diagnosis.final && diagnosis.code !== 'pod.quota')) return;
  const words = pod !== undefined && diagnosis.code === 'pod.crashed' ? await lastWords(setting, pod, signal) : '';
  throw new StartFailed({
    image: infoOf(job).image,
    diagnosis: diagnosis.code,
    reason: `${diagnosis.message}${words}`,
    remedy: diagnosis.hint,
    again: diagnosis.retryable,
  });
}
