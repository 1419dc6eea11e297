import { deleteJob } from '@ephemera/job';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { plain } from '../../table.ts';
import { openCluster } from './connect.ts';
import { deletionLines } from './deletion.ts';
import { jsonText } from './objects-text.ts';
import { targetOf, type TargetFlags } from './target.ts';

interface Flags extends TargetFlags {
  readonly timeout?: number;
  readonly json: boolean;
}

/** `delete` alone is a word of the language. */
export async function deleteCommand(this: Context, { timeout, json, ...flags }: Flags, name?: string): Promise<void> {
  const { stdout, stderr } = this.process;
  const { ref, where } = await targetOf(this, flags, name);
  using interruption = takeSignals(this.process);
  await using cluster = await openCluster(this, where, ref, interruption.signal);
  const deletion = await deleteJob(cluster, ref, {
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    signal: interruption.signal,
    onWaiting: (waiting) => stderr.write(`${plain(waiting)}\n`),
  });
  if (json) {
    stdout.write(`${jsonText(deletion)}\n`);
    return;
  }
  for (const line of deletionLines(deletion)) stdout.write(`${line}\n`);
  if (deletion.removed.length > 0) return;
  const what = deletion.kept.length > 0 ? 'else of job' : 'of job';
  stderr.write(`There is nothing ${what} ${plain(ref.name)} to remove.\n`);
}
