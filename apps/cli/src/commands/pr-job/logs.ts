import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { narrator } from '../job/narrator.ts';
import { statusLines } from '../job/status-lines.ts';
import { voiceOf } from './in-actions.ts';
import { jobStatusOf } from './job-status.ts';
import { openJobs } from './open.ts';
import { checkJobFlag, oneJob, targetOf, type OneJobFlags } from './target.ts';

interface Flags extends OneJobFlags {
  readonly follow: boolean;
  readonly tail?: number;
}

export async function logs(this: Context, { follow, tail, ...flags }: Flags, name: string): Promise<void> {
  const ref = targetOf(flags, name);
  checkJobFlag(flags);
  using interruption = takeSignals(this.process);
  const { signal } = interruption;
  await using jobs = await openJobs(this, flags, signal);
  const job = await oneJob(jobs, { ref, job: flags.job, signal });
  const voice = voiceOf(this);
  // Several pods only where one was tried again, which the second name then shows.
  const { tell } = narrator({ manyPods: false, terminal: voice.terminal });
  let lines = 0;
  await jobs.logs(job, {
    follow,
    tailLines: tail,
    signal,
    onLine: (line) => {
      lines += 1;
      for (const said of tell({ type: 'log', ...line })) voice.say(said);
    },
    onWarning: (message) => {
      for (const said of tell({ type: 'warning', message })) voice.say(said);
    },
  });
  if (lines > 0 || tail === 0) return;
  // An empty log looks as if all were well, also where nothing has started. Whoever may read logs need not be allowed to ask.
  const found = await jobs.status(job, signal).catch(() => undefined);
  voice.say({ to: 'stderr', line: nothingRead(found) });
  for (const line of found ? statusLines(jobStatusOf(found)) : []) voice.say({ to: 'stderr', line });
}

/** Logs go with their pods, which leaves nothing that would tell whether there were any. Pure. */
export function nothingRead(found: Pick<PullRequestPodStatus, 'active' | 'succeeded' | 'failed'> | undefined): string {
  const hasEnded = found !== undefined && found.active === 0 && found.succeeded + found.failed > 0;
  return hasEnded
    ? 'There is no log: nothing was written, or its pods are gone, and their logs with them.'
    : 'Nothing was written.';
}
