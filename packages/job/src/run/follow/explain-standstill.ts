import { explainPods, type Cluster, type Diagnosis } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import type { Job, Pod } from '@ephemera/model';
import type { Bell } from './bell.ts';
import { clusterClock } from './cluster-clock.ts';
import { hasStarted, isAtWork, isOver, isWaitForRoom, stuckReasons } from './start-decision.ts';

export interface Standstill {
  readonly cluster: Pick<Cluster, 'list' | 'clockAheadMs'>;
  readonly namespace: string;
  /** As they were seen last. */
  readonly job: () => Job;
  readonly pods: () => readonly Pod[];
  /** Rings when one of them changes. */
  readonly news: Bell;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whenever the answer changes; undefined: nothing keeps a pod from starting any more. */
  readonly onDiagnosis: (diagnosis: Diagnosis | undefined) => void;
  readonly onWarning: (message: string) => void;
}

/** Most Jobs have started by then, and nothing was asked. */
const firstMs = 2_000;
/** Each question costs a few calls: as long as the answer stays the same, the pause doubles up to this. */
const longestMs = 15_000;
/** Pods that get stuck in another way than before are asked about so soon; when others of the Job work, nothing hurries. */
const newsMs = { start: 500, later: 5_000 };

/**
 * Says what keeps pods of a Job from starting, the first ones and later ones, until `signal` aborts. Returns what cannot heal by itself
 * and has stood in the way for `timeoutMs` without a break, while nothing of the Job was at work.
 */
export async function explainStandstill(standstill: Standstill): Promise<Diagnosis> {
  const { job, pods, news, timeoutMs, signal, onDiagnosis } = standstill;
  const now = clusterClock(standstill.cluster);
  let askedAt = performance.now();
  let hopefulAt = askedAt;
  let pauseMs = firstMs;
  let asked = '';
  let known: Diagnosis | undefined;
  let started = false;
  let atWork = false;
  for (;;) {
    started ||= hasStarted(job(), pods());
    // What was at work when it was last looked at was so until now: the end of it is news.
    const wasAtWork = atWork;
    atWork = pods().some(isAtWork);
    if (atWork || wasAtWork) hopefulAt = performance.now();
    const stands = known?.final === true && !isWaitForRoom(known);
    const isNews = asked !== stuckReasons(pods());
    const dueAt = Math.min(
      askedAt + (isNews ? Math.min(pauseMs, started ? newsMs.later : newsMs.start) : pauseMs),
      stands && !atWork ? Math.max(hopefulAt + timeoutMs, askedAt + newsMs.start) : Infinity,
    );
    const leftMs = dueAt - performance.now();
    if (leftMs > 0) {
      await news.next({ signal, timeoutMs: leftMs });
      continue;
    }
    askedAt = performance.now();
    asked = stuckReasons(pods());
    const answer = await ask(standstill, { started, now });
    if (answer === 'unknown') {
      pauseMs = Math.min(longestMs, pauseMs * 2);
      continue;
    }
    const isSame = textOf(answer) === textOf(known);
    pauseMs = isSame ? Math.min(longestMs, pauseMs * 2) : firstMs;
    known = answer;
    if (!isSame) onDiagnosis(answer);
    const goesOn = pods().some(isAtWork) || (!started && hasStarted(job(), pods()));
    if (!answer || isWaitForRoom(answer) || goesOn) hopefulAt = askedAt;
    else if (answer.final && performance.now() - hopefulAt >= timeoutMs) return answer;
  }
}

interface Question {
  readonly started: boolean;
  readonly now: (signal: AbortSignal) => Promise<Date>;
}

/** An error is no answer: neither that all is well nor that it is not. */
async function ask({ cluster, namespace, job, pods, signal, onWarning }: Standstill, { started, now }: Question) {
  // How those that got to work end is told by the Job.
  const inQuestion = started ? pods().filter((pod) => !isOver(pod) && !isAtWork(pod)) : pods();
  try {
    const seen = { namespace, job: job(), pods: inQuestion, now: await now(signal) };
    const diagnosis = await explainPods(cluster, seen, signal);
    // Between an attempt that failed and the next one every Job is without pods for a while.
    return started && diagnosis?.code === 'pod.missing' ? undefined : diagnosis;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EphemeraError)) throw error;
    onWarning(`Why a pod does not start cannot be read now: ${error.message}`);
    return 'unknown' as const;
  }
}

function textOf(diagnosis: Diagnosis | undefined): string {
  return diagnosis ? JSON.stringify([diagnosis.code, diagnosis.subject, diagnosis.message, diagnosis.final]) : '';
}
