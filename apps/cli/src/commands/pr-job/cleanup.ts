import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { plain } from '../../table.ts';
import { deletionLines } from '../job/deletion.ts';
import { PrJobKept } from './errors.ts';
import { voiceOf } from './in-actions.ts';
import { openJobs } from './open.ts';
import { otherWay } from './other-way.ts';
import { targetOf, type TargetFlags } from './target.ts';
import { wayOf } from './which-way.ts';

interface Flags extends TargetFlags {
  readonly timeout?: number;
  readonly json: boolean;
}

const defaultTimeoutMs = 120_000;

export async function cleanup(this: Context, { timeout, json, ...flags }: Flags, name: string): Promise<void> {
  const ref = targetOf(flags, name);
  using interruption = takeSignals(this.process);
  const { signal } = interruption;
  await using jobs = await openJobs(this, flags, signal);
  const voice = voiceOf(this);
  const done = await jobs.cleanup(ref, {
    timeoutMs: timeout ?? defaultTimeoutMs,
    signal,
    onWaiting: (waiting) => voice.say({ to: 'stderr', line: plain(waiting) }),
  });
  if (json) voice.json(done);
  else for (const line of deletionLines(done)) voice.say({ to: 'stdout', line });
  if (done.removed.length > 0) return;
  // Nobody should go on as if it were gone.
  if (done.kept.length > 0)
    throw new PrJobKept({ ...ref, otherWay: otherWay(ref, wayOf(flags, this.environment).kind) });
  if (!json) voice.say({ to: 'stderr', line: `There is nothing of ${ref.name} in ${ref.namespace} to remove.` });
}
