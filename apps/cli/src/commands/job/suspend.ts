import { resumeJob, suspendJob, type JobRef } from '@ephemera/job';
import type { Cluster } from '@ephemera/kube';
import type { Context } from '../../context.ts';
import { plain } from '../../table.ts';
import { openCluster } from './connect.ts';
import { targetOf, type TargetFlags } from './target.ts';

export async function suspend(this: Context, flags: TargetFlags, name?: string): Promise<void> {
  const { ref } = await change(this, { flags, name, by: suspendJob });
  this.process.stderr.write(`job ${plain(ref.name)} is suspended: its pods are ended, and no new ones start\n`);
}

export async function resume(this: Context, flags: TargetFlags, name?: string): Promise<void> {
  const { ref } = await change(this, { flags, name, by: resumeJob });
  this.process.stderr.write(`job ${plain(ref.name)} goes on\n`);
}

interface Changing {
  readonly flags: TargetFlags;
  readonly name: string | undefined;
  readonly by: (cluster: Cluster, ref: JobRef) => Promise<unknown>;
}

async function change(command: Context, { flags, name, by }: Changing): Promise<{ readonly ref: JobRef }> {
  const { ref, where } = await targetOf(command, flags, name);
  await using cluster = await openCluster(command, where, ref);
  await by(cluster, ref);
  return { ref };
}
