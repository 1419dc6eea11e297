import type { JobEvent, JobFate } from '@ephemera/job';
import { checkOrder, defaultNamespace, type PullRequestPodResult } from '@ephemera/pull-request-pod';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { endingOf } from '../job/ending.ts';
import { narrator } from '../job/narrator.ts';
import { voiceOf, type Voice } from './in-actions.ts';
import { inFlags } from './in-flags.ts';
import { nextCommand } from './next-command.ts';
import { openJobs } from './open.ts';
import { orderOf, type OrderFlags } from './order.ts';
import type { NameRef, PullRequestJobs } from './pull-request-jobs.ts';
import { steady } from './steady.ts';
import type { WhereFlags } from './which-way.ts';

interface Flags extends OrderFlags, WhereFlags {
  readonly repositoryId?: number;
  readonly wait: boolean;
  readonly json: boolean;
}

export async function create(this: Context, flags: Flags, name: string): Promise<void> {
  const options = await orderOf(this, name, flags);
  // What is wrong with it is told before anybody is asked, and in the same words whichever way it goes.
  inFlags(() => checkOrder(options));
  using interruption = takeSignals(this.process);
  const { signal } = interruption;
  await using jobs = await openJobs(this, flags, signal);
  const voice = voiceOf(this, flags.wait && flags.json ? 'stderr' : 'stdout');
  const ref = { name, namespace: options.namespace ?? defaultNamespace };
  const creating: Creating = { jobs, ref, flags, voice, signal };
  const made = await jobs.create({ ...options, repositoryId: flags.repositoryId }, signal).catch((error: unknown) => {
    if (signal.aborted) tellNext(creating, 'What was made until now stays. To remove it:', ['cleanup']);
    throw error;
  });
  for (const warning of made.warnings) tell(voice, `warning: ${warning}`);
  if (flags.wait) {
    this.process.exitCode = await waitForEnd(creating, made);
    return;
  }
  if (flags.json) voice.json(made);
  else voice.say({ to: 'stdout', line: made.jobName });
  tellNext(creating, sentenceOf(made), ['status', 'logs --follow', 'cleanup']);
}

interface Creating {
  readonly jobs: PullRequestJobs;
  readonly ref: NameRef;
  readonly flags: Flags;
  readonly voice: Voice;
  readonly signal: AbortSignal;
}

const bootNote =
  'About half a minute of a build is the booting of its builder: the cluster looks only every 30 s whether that is ready.';

/** Follows to the end, tells all, and returns the exit code. Ctrl-C ends it, and the job goes on. */
async function waitForEnd(creating: Creating, made: PullRequestPodResult): Promise<number> {
  const { flags, voice, signal } = creating;
  tell(voice, sentenceOf(made));
  tell(voice, bootNote);
  const fate = await follow(creating, made.jobName).catch((error: unknown) => {
    if (signal.aborted)
      tellNext(creating, `job ${made.jobName} goes on without being followed:`, ['status', 'logs --follow', 'cleanup']);
    throw error;
  });
  const { exitCode, lines } = endingOf(fate);
  for (const line of lines) tell(voice, line);
  if (flags.json) voice.json({ ...made, outcome: fate.outcome, status: fate.status.state });
  tellNext(creating, 'Its account and what is left of it stay until an hour after its end, or until:', ['cleanup']);
  return exitCode;
}

async function follow({ jobs, ref, voice, signal }: Creating, jobName: string): Promise<JobFate> {
  const { tell: linesOf } = narrator({ manyPods: false, terminal: voice.terminal });
  const isNews = steady();
  const onEvent = (event: JobEvent): void => {
    if (isNews(event)) linesOf(event).forEach(voice.say);
  };
  return jobs.follow({ ...ref, jobName }, { signal, onEvent });
}

function sentenceOf({ jobName, namespace, created, profile }: PullRequestPodResult): string {
  const what = created ? 'created' : 'there already, by this idempotency key';
  return `job ${jobName} in ${namespace} is ${what}; rights: ${profile}`;
}

function tellNext({ ref, flags, voice }: Creating, sentence: string, verbs: readonly string[]): void {
  tell(voice, sentence);
  for (const verb of verbs) tell(voice, `  ${nextCommand(verb, ref, flags)}`);
}

function tell({ say }: Voice, line: string): void {
  say({ to: 'stderr', line });
}
