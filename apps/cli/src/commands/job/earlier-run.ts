import type { JobFate, StartedJob } from '@ephemera/job';

/** Whether `--delete` may remove the job: not one that was there before this command and still has something to do. Pure. */
export function mayDelete({ change }: Pick<StartedJob, 'change'>, { outcome, status }: Fate): boolean {
  if (change === 'created' || change === 'replaced') return true;
  return outcome === 'gone' || status.state === 'Complete' || status.state === 'Failed';
}

type Fate = Pick<JobFate, 'outcome'> & { readonly status: Pick<JobFate['status'], 'state'> };

/** The warning for a Job that had ended before this command and was left as it is; undefined for any other. Pure. */
export function didNotRun({ name, endedBefore }: Pick<StartedJob, 'name' | 'endedBefore'>): string | undefined {
  if (endedBefore === null) return undefined;
  const before = endedBefore === 'Complete' ? 'was complete' : 'had failed';
  return `warning: job ${name} ${before} before; it did not run now. With --replace it runs again.`;
}
