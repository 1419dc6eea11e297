import { jobLogs, jobStatus } from '@ephemera/job';
import type { Context } from '../../context.ts';
import { takeSignals } from '../../interruption.ts';
import { openCluster } from './connect.ts';
import { JobNotFound } from './errors.ts';
import { narrator, runsManyPods, textOf } from './narrator.ts';
import { statusLines } from './status-lines.ts';
import { targetOf, type TargetFlags } from './target.ts';

interface Flags extends TargetFlags {
  readonly follow: boolean;
  readonly container?: string;
  readonly tail?: number;
}

export async function logs(this: Context, { follow, container, tail, ...flags }: Flags, name?: string): Promise<void> {
  const { stdout, stderr } = this.process;
  const { ref, where } = await targetOf(this, flags, name);
  using interruption = takeSignals(this.process);
  const { signal } = interruption;
  await using cluster = await openCluster(this, where, ref, signal);
  const status = await jobStatus(cluster, ref, signal);
  if (!status) throw new JobNotFound({ name: ref.name, namespace: ref.namespace });
  const { tell } = narrator({ manyPods: runsManyPods(status), terminal: stdout.isTTY });
  let lines = 0;
  await jobLogs(cluster, ref, {
    follow,
    ...(container === undefined ? {} : { container }),
    ...(tail === undefined ? {} : { tailLines: tail }),
    signal,
    onLine: (line) => {
      lines += 1;
      for (const said of tell({ type: 'log', ...line })) stdout.write(textOf(said));
    },
    onWarning: (message) => {
      for (const said of tell({ type: 'warning', message })) stderr.write(`${said.line}\n`);
    },
  });
  // An empty log looks as if all were well, also where nothing has started.
  if (lines === 0 && tail !== 0) stderr.write(`Nothing was written.\n${statusLines(status).join('\n')}\n`);
}
