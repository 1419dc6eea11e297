import type { JobFate, JobStatus } from '@ephemera/job';
import { exitCodes } from '../../exit-code.ts';
import { seconds } from '../../progress.ts';
import { visible } from './narrator.ts';

/** What `run --wait` ends with. */
export interface Ending {
  readonly exitCode: number;
  /** For people, free of control characters. */
  readonly lines: readonly string[];
}

/**
 * A Job's fate → exit code and sentences, with what its container wrote at last where it failed. `deletes`: the job is deleted next,
 * default false. Pure.
 */
export function endingOf(fate: JobFate, { deletes = false }: { readonly deletes?: boolean } = {}): Ending {
  const missing = fate.logsIncomplete ? ['warning: not all that its containers wrote could be read'] : [];
  return { exitCode: codeOf[fate.outcome], lines: [...linesOf(fate, deletes), ...missing].map(visible) };
}

const codeOf: Readonly<Record<JobFate['outcome'], number>> = {
  complete: exitCodes.fine,
  failed: exitCodes.failed,
  deadline: exitCodes.deadline,
  cannot_start: exitCodes.failed,
  // It has not done its work: nobody should go on as if it had.
  suspended: exitCodes.failed,
  gone: exitCodes.failed,
};

function linesOf({ outcome, status, diagnosis, end }: JobFate, deletes: boolean): readonly string[] {
  const name = `job ${status.name}`;
  const why = diagnosis === undefined ? [] : [`${diagnosis.subject}: ${diagnosis.message}`, diagnosis.hint];
  switch (outcome) {
    case 'complete':
      return [`${name} is complete: ${status.succeeded} succeeded${duration(status)}`];
    case 'failed':
    case 'deadline':
      if (outcome === 'deadline' && status.state !== 'Failed')
        return [`${name} is not over within --timeout; it ${deletes ? 'is deleted now' : 'goes on'}`, ...why];
      return end === undefined
        ? [`${name} failed${reasonOf(status)}`, ...why]
        : [end.message, end.hint, ...lastLines(end)];
    case 'cannot_start':
      return [`${name} cannot ${status.succeeded + status.failed > 0 ? 'go on' : 'start'}`, ...why];
    case 'suspended':
      return [`${name} is suspended: nothing of it runs, and there is nothing to wait for`];
    case 'gone':
      return [
        `${name} was removed while it was followed, by somebody or by its ttlSecondsAfterFinished: how it ended is not known`,
      ];
    default:
      return outcome satisfies never;
  }
}

function lastLines({ pod, container, lastLines: lines }: NonNullable<JobFate['end']>): readonly string[] {
  return lines.length === 0
    ? []
    : [`The last lines of ${pod ?? 'its pod'}/${container ?? ''}:`, ...lines.map((line) => `  ${line}`)];
}

function reasonOf({ reason, message }: JobStatus): string {
  return [reason, message].map((part) => (part === undefined || part === '' ? '' : `: ${part}`)).join('');
}

function duration({ startTime, completionTime }: JobStatus): string {
  if (startTime === undefined || completionTime === undefined) return '';
  const ms = Date.parse(completionTime) - Date.parse(startTime);
  // The cluster's time stamps are whole seconds.
  return Number.isFinite(ms) && ms >= 1000 ? ` in ${seconds(ms)}` : '';
}
