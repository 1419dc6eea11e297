import type { Diagnosis, DiagnosisCode } from './diagnosis.ts';
import type { JobView } from './job-view.ts';
import { fullStop, maxLength, oneLine } from './one-line.ts';
import type { ContainerView, EndView, PodView } from './pod-view.ts';

/** A diagnosis and what it is about. */
export interface Finding {
  readonly diagnosis: Diagnosis;
  readonly pod?: PodView;
  readonly container?: ContainerView;
  /** How the container ended, if that is what is wrong. */
  readonly end?: EndView;
}

export interface Words {
  readonly code: DiagnosisCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly final: boolean;
  readonly lacksRoom?: true;
  /** Milliseconds. */
  readonly since: number | undefined;
}

export function ofContainer(pod: PodView, container: ContainerView, words: Words): Finding {
  const subject = `Pod ${pod.name}, ${container.kind} ${container.name}`;
  return { diagnosis: diagnosis(subject, words), pod, container };
}

export function ofPod(pod: PodView, words: Words): Finding {
  return { diagnosis: diagnosis(`Pod ${pod.name}`, words), pod };
}

/** Of the pods that are not there: nobody but their Job can be named. */
export function ofJob(job: JobView | undefined, words: Words): Finding {
  return { diagnosis: diagnosis(job === undefined ? 'Pods' : `Job ${job.name}`, words) };
}

/** `Container x of pod y`, as messages begin. */
export function named(pod: PodView, container: ContainerView): string {
  return `${container.kind === 'container' ? 'Container' : 'Init container'} ${container.name} of pod ${pod.name}`;
}

function diagnosis(subject: string, { message, hint, since, ...rest }: Words): Diagnosis {
  return {
    ...rest,
    message: fullStop(oneLine(message, maxLength - 1)),
    hint: oneLine(hint, maxLength),
    subject: oneLine(subject),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
  };
}
