import { deleteJob, followJob, jobRefOf, runJob, type JobFate, type JobRef, type StartedJob } from '@ephemera/job';
import type { CompiledJob, KubernetesJob } from '@ephemera/job/compile';
import type { Cluster } from '@ephemera/kube';
import { refText } from '@ephemera/model';
import type { Context } from '../../context.ts';
import { BadInput, explain } from '../../errors.ts';
import { exitCodes } from '../../exit-code.ts';
import { takeSignals } from '../../interruption.ts';
import { plain } from '../../table.ts';
import { openCluster } from './connect.ts';
import { deletionLines } from './deletion.ts';
import { didNotRun, mayDelete } from './earlier-run.ts';
import { endingOf } from './ending.ts';
import { readCompiled, warn, type ManifestFlags } from './manifest.ts';
import { narrator, textOf, type Said } from './narrator.ts';
import { nextCommand } from './next-command.ts';

interface Flags extends ManifestFlags {
  readonly wait: boolean;
  readonly replace: boolean;
  readonly delete: boolean;
  readonly startTimeout?: number;
  readonly timeout?: number;
  readonly context?: string;
}

const defaultStartTimeoutMs = 60_000;

export async function run(this: Context, flags: Flags): Promise<void> {
  refuseWithoutWait(flags);
  const { job, compiled } = await readCompiled(this, flags);
  warn(this, compiled.warnings);
  using interruption = takeSignals(this.process);
  const { signal } = interruption;
  const where = { context: flags.context, clusterName: job.spec.targetCluster?.clusterName };
  await using cluster = await openCluster(this, where, jobRefOf(compiled), signal);
  const started = await apply(this, { cluster, compiled, replace: flags.replace, signal });
  tellStarted(this, compiled, { started, wait: flags.wait });
  if (!flags.wait) {
    tellNext(this, started, flags.context);
    tellDidNotRun(this, started);
    return;
  }
  const fate = await follow(this, { cluster, job, started, flags, signal });
  const deletes = flags.delete && mayDelete(started, fate);
  if (deletes) await removeAfter(this, { cluster, started, signal });
  else if (flags.delete) tellStays(this, started, flags.context);
  else if (fate.outcome === 'suspended') tellNext(this, started, flags.context, ['resume', 'delete']);
  else if (fate.outcome !== 'complete' && fate.outcome !== 'gone') tellNext(this, started, flags.context);
  // The last line, so that nobody takes an end of long ago for one of now.
  tellDidNotRun(this, started);
}

function tellStays(command: Context, started: StartedJob, context: string | undefined): void {
  command.process.stderr.write(`job ${started.name} was there before and has not ended: it is not deleted\n`);
  tellNext(command, started, context);
}

function tellDidNotRun({ process }: Context, started: StartedJob): void {
  const line = didNotRun(started);
  if (line !== undefined) process.stderr.write(`${line}\n`);
}

interface Applying {
  readonly cluster: Cluster;
  readonly compiled: CompiledJob;
  readonly replace: boolean;
  readonly signal: AbortSignal;
}

async function apply({ process }: Context, { cluster, compiled, replace, signal }: Applying): Promise<StartedJob> {
  try {
    return await runJob(cluster, compiled, {
      replace,
      signal,
      onWaiting: (waiting) => process.stderr.write(`${plain(waiting)}\n`),
    });
  } catch (error) {
    if (signal.aborted) process.stderr.write('What was applied until now stays: run it again, or delete it.\n');
    throw error;
  }
}

function refuseWithoutWait(flags: Flags): void {
  const given = [
    ...(flags.delete ? ['--delete'] : []),
    ...(flags.startTimeout === undefined ? [] : ['--start-timeout']),
    ...(flags.timeout === undefined ? [] : ['--timeout']),
  ];
  if (!flags.wait && given.length > 0)
    throw new BadInput({
      problem: `${given.join(' and ')} without --wait: nothing is followed.`,
      hint: 'Add --wait.',
    });
}

const changes: Readonly<Record<StartedJob['change'], string>> = {
  created: 'created',
  changed: 'changed',
  unchanged: 'unchanged',
  replaced: 'replaced',
};

/** What was applied is the result of the command; with --wait standard output belongs to the containers. */
function tellStarted({ process }: Context, { objects }: CompiledJob, { started, wait }: StartedTelling): void {
  const lines = [
    ...objects.map((object) => `applied ${refText({ ...object, ...object.metadata })}`),
    `job ${started.name} ${changes[started.change]}`,
  ];
  process[wait ? 'stderr' : 'stdout'].write(`${lines.join('\n')}\n`);
}

interface StartedTelling {
  readonly started: StartedJob;
  readonly wait: boolean;
}

function tellNext(
  { process }: Context,
  ref: JobRef,
  context: string | undefined,
  verbs: readonly string[] = ['status', 'logs --follow', 'delete'],
): void {
  process.stderr.write(verbs.map((verb) => `  ${nextCommand(verb, ref, context)}\n`).join(''));
}

interface Following {
  readonly cluster: Cluster;
  readonly job: KubernetesJob;
  readonly started: StartedJob;
  readonly flags: Flags;
  readonly signal: AbortSignal;
}

/** Follows to the end, tells all, and sets the exit code. Ctrl-C ends it with 130 and the Job goes on. */
async function follow(command: Context, { cluster, job, started, flags, signal }: Following): Promise<JobFate> {
  const { process } = command;
  const { parallelism, completions } = job.spec;
  const { tell } = narrator({
    manyPods: (parallelism ?? 1) > 1 || (completions ?? 1) > 1,
    terminal: process.stdout.isTTY,
  });
  const write = (said: Said): unknown => process[said.to].write(textOf(said));
  try {
    const fate = await followJob(cluster, started, {
      signal,
      startTimeoutMs: flags.startTimeout ?? defaultStartTimeoutMs,
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
      onEvent: (event) => tell(event).forEach(write),
    });
    const { exitCode, lines } = endingOf(fate, { deletes: flags.delete && mayDelete(started, fate) });
    for (const line of lines) process.stderr.write(`${line}\n`);
    process.exitCode = exitCode;
    return fate;
  } catch (error) {
    if (signal.aborted) {
      process.stderr.write(`job ${started.name} goes on without being followed:\n`);
      tellNext(command, started, flags.context);
    }
    throw error;
  }
}

interface Removing {
  readonly cluster: Cluster;
  readonly started: StartedJob;
  readonly signal: AbortSignal;
}

/** How the Job ended counts more than whether it could be removed: a failure stays the exit code. */
async function removeAfter({ process }: Context, { cluster, started, signal }: Removing): Promise<void> {
  try {
    const deletion = await deleteJob(cluster, started, {
      signal,
      onWaiting: (waiting) => process.stderr.write(`${plain(waiting)}\n`),
    });
    for (const line of deletionLines(deletion)) process.stderr.write(`${line}\n`);
  } catch (error) {
    if (signal.aborted || process.exitCode === exitCodes.fine) throw error;
    process.stderr.write(`${explain(error)}\n`);
  }
}
