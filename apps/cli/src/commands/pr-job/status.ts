import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { statusLines } from '../job/status-lines.ts';
import { voiceOf } from './in-actions.ts';
import { jobStatusOf } from './job-status.ts';
import { openJobs } from './open.ts';
import { checkJobFlag, oneJob, targetOf, type OneJobFlags } from './target.ts';

interface Flags extends OneJobFlags {
  readonly json: boolean;
}

export async function status(this: Context, { json, ...flags }: Flags, name: string): Promise<void> {
  const ref = targetOf(flags, name);
  checkJobFlag(flags);
  using interruption = takeSignals(this.process);
  const { signal } = interruption;
  await using jobs = await openJobs(this, flags, signal);
  const found = await jobs.status(await oneJob(jobs, { ref, job: flags.job, signal }), signal);
  const voice = voiceOf(this);
  if (json) voice.json(found);
  else for (const line of statusLines(jobStatusOf(found))) voice.say({ to: 'stdout', line });
}
