import type { Job, Pod } from '@ephemera/model';
import { podFindings } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Finding } from './finding.ts';
import { defaultGraces } from './graces.ts';
import type { JobView } from './job-view.ts';
import { fullStop, maxLength, oneLine } from './one-line.ts';
import { readScene } from './scene.ts';

/** Why a Job failed, without the log: who shows it adds the last lines of `pod` and `container`. */
export interface JobEnd {
  /** The reason of the Job's Failed condition, for example `BackoffLimitExceeded`, `DeadlineExceeded`, `PodFailurePolicy`. */
  readonly reason: string;
  /** One sentence on one line. */
  readonly message: string;
  readonly hint: string;
  /** How many pods failed. */
  readonly failed: number;
  /** The pod that decided it and its container, where they are known. */
  readonly pod?: string;
  readonly container?: string;
  readonly exitCode?: number;
  /** What went wrong in that pod. */
  readonly diagnosis?: Diagnosis;
}

/**
 * Undefined when the Job has not failed. `pods` are those that still exist or were last seen: with restartPolicy OnFailure, and at its
 * deadline, the Job removes its pods, so that only who followed them knows how they ended.
 */
export function explainEnd(job: Job, pods: readonly Pod[]): JobEnd | undefined {
  // Nothing of it is about time: all that could wait is over.
  const now = new Date(Number.MAX_SAFE_INTEGER / 2);
  const scene = readScene({ job, pods, events: [], now, lookingBack: true }, defaultGraces);
  const view = scene.job;
  if (view?.failed === undefined) return undefined;
  const found = decisive(
    scene.pods.flatMap((pod) => podFindings(pod, scene).slice(0, 1)),
    view,
  );
  const reason = view.failed.reason || 'Failed';
  return {
    reason,
    message: fullStop(oneLine(messageOf(view, reason, found), maxLength - 1)),
    hint: hintFor(reason, found),
    failed: Math.max(view.failedPods, found === undefined ? 0 : 1),
    ...(found?.pod === undefined ? {} : { pod: found.pod.name, diagnosis: found.diagnosis }),
    ...(found?.container === undefined ? {} : { container: found.container.name }),
    ...(found?.end?.exitCode === undefined ? {} : { exitCode: found.end.exitCode }),
  };
}

/** The pod that the Job itself names, else the one that failed last. */
function decisive(found: readonly Finding[], { failed }: JobView): Finding | undefined {
  const words = new Set(failed?.message.split(/[\s,"']+/).map((word) => word.slice(word.lastIndexOf('/') + 1)));
  const ended = ({ end, pod }: Finding) => end?.at ?? pod?.madeAt ?? 0;
  return (
    found.find(({ pod }) => pod !== undefined && words.has(pod.name)) ??
    found.toSorted((a, b) => ended(b) - ended(a))[0]
  );
}

function messageOf(
  { name, failed, failedPods, deadlineSeconds }: JobView,
  reason: string,
  found: Finding | undefined,
): string {
  const cluster = failed?.message ?? '';
  const why = found === undefined ? '' : `: ${found.diagnosis.message}`;
  if (reason === 'DeadlineExceeded') {
    const limit = deadlineSeconds === undefined ? 'its limit' : `its limit of ${deadlineSeconds} s`;
    return `Job ${name} failed (DeadlineExceeded), as it ran longer than ${limit} (activeDeadlineSeconds)${why}`;
  }
  if (reason === 'BackoffLimitExceeded') {
    const attempts = failedPods > 1 ? ` after ${failedPods} failed pods` : '';
    return `Job ${name} failed (BackoffLimitExceeded)${attempts}${why || `: ${cluster}`}`;
  }
  // Policies and indexes: the cluster says which rule or index it was, the pod says what happened.
  return `Job ${name} failed (${reason})${cluster === '' ? why : `: ${cluster}`}`;
}

function hintFor(reason: string, found: Finding | undefined): string {
  if (reason === 'DeadlineExceeded') {
    return oneLine(
      ['Raise activeDeadlineSeconds, or find out what takes so long.', found?.diagnosis.hint].filter(Boolean).join(' '),
      maxLength,
    );
  }
  return (
    found?.diagnosis.hint ??
    'Its pods are gone, and how they ended with them. With restartPolicy Never failed pods stay, with their logs, until the Job is removed.'
  );
}
