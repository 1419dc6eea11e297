import { jobStatus } from '@ephemera/job';
import type { Context } from '../../context.ts';
import { openCluster } from './connect.ts';
import { JobNotFound } from './errors.ts';
import { jsonText } from './objects-text.ts';
import { statusLines } from './status-lines.ts';
import { targetOf, type TargetFlags } from './target.ts';

interface Flags extends TargetFlags {
  readonly json: boolean;
}

export async function status(this: Context, { json, ...flags }: Flags, name?: string): Promise<void> {
  const { ref, where } = await targetOf(this, flags, name);
  await using cluster = await openCluster(this, where, ref);
  const found = await jobStatus(cluster, ref);
  if (!found) throw new JobNotFound({ name: ref.name, namespace: ref.namespace });
  this.process.stdout.write(json ? `${jsonText(found)}\n` : `${statusLines(found).join('\n')}\n`);
}
