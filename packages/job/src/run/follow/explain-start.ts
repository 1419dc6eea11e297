import { explainPods, type Cluster, type Diagnosis } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import type { Job, Pod } from '@ephemera/model';
import type { Bell } from './bell.ts';
import { hasStarted, isWaitForRoom, looksStuck } from './start-decision.ts';

export interface Start {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** As they were seen last. */
  readonly job: () => Job;
  readonly pods: () => readonly Pod[];
  /** Rings when one of them changes. */
  readonly news: Bell;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onDiagnosis: (diagnosis: Diagnosis) => void;
  readonly onWarning: (message: string) => void;
}

/** While nothing has started, it is asked why at least this often: events come without a change of the pods. */
const everyMs = 2_000;
/** Changes come in bursts; each question costs a few calls. */
const atMostEveryMs = 500;

/**
 * Says why a Job does not start, until it does. Undefined: it has started. Otherwise what cannot heal and
 * has stood in the way for `timeoutMs` without a break.
 */
export async function explainStart(start: Start): Promise<Diagnosis | undefined> {
  const { job, pods, news, timeoutMs, signal, onDiagnosis } = start;
  let askedAt = performance.now();
  let hopefulAt = askedAt;
  let told = '';
  while (!hasStarted(job(), pods())) {
    const pauseMs = pods().some(looksStuck) ? atMostEveryMs : everyMs;
    const leftMs = askedAt + pauseMs - performance.now();
    if (leftMs > 0) {
      await news.next({ signal, timeoutMs: leftMs });
      continue;
    }
    askedAt = performance.now();
    const diagnosis = await ask(start);
    if (diagnosis === 'unknown') continue;
    if (diagnosis && told !== textOf(diagnosis)) onDiagnosis(diagnosis);
    told = diagnosis ? textOf(diagnosis) : '';
    if (!diagnosis || isWaitForRoom(diagnosis)) hopefulAt = askedAt;
    else if (diagnosis.final && performance.now() - hopefulAt >= timeoutMs && !hasStarted(job(), pods()))
      return diagnosis;
  }
  return undefined;
}

/** An error is no answer: neither that all is well nor that it is not. */
async function ask({ cluster, namespace, job, pods, signal, onWarning }: Start) {
  try {
    return await explainPods(cluster, { namespace, job: job(), pods: pods() }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EphemeraError)) throw error;
    onWarning(`Why nothing has started cannot be read now: ${error.message}`);
    return 'unknown' as const;
  }
}

function textOf({ code, subject, message, final }: Diagnosis): string {
  return JSON.stringify([code, subject, message, final]);
}
