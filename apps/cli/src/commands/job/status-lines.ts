import type { JobStatus } from '@ephemera/job';
import { plain } from '../../table.ts';
import { countsOf } from './narrator.ts';

/** One fact a line; what a job has not is left out. Pure. */
export function statusLines(status: JobStatus): readonly string[] {
  const { completedIndexes, startTime, completionTime } = status;
  const [why, hint] = whyOf(status);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['job', `${status.name} in ${status.namespace}`],
    ['state', countsOf(status)],
    ['indexes', completedIndexes === undefined || completedIndexes === '' ? undefined : `${completedIndexes} complete`],
    ['started', startTime],
    ['ended', completionTime],
    ['why', why],
    ['hint', hint],
  ];
  return facts.flatMap(([key, value]) => (value === undefined ? [] : [`${key.padEnd(10)}${plain(value)}`]));
}

/** The most telling that is known: how it failed, what keeps it from starting, or what the cluster notes beside its state. */
function whyOf({ end, diagnosis, reason, message }: JobStatus): readonly [string?, string?] {
  if (end !== undefined) return [end.message, end.hint];
  if (diagnosis !== undefined) return [`${diagnosis.subject}: ${diagnosis.message}`, diagnosis.hint];
  const noted = [reason, message].filter((part) => part !== undefined && part !== '').join(': ');
  return noted === '' ? [] : [noted];
}
