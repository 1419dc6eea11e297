import type { JobRef } from '@ephemera/job';
import type { Context } from '../../context.ts';
import { BadInput } from '../../errors.ts';
import type { Where } from './access.ts';
import { readJob } from './manifest.ts';

export interface TargetFlags {
  readonly file?: string;
  readonly set?: readonly string[];
  readonly namespace?: string;
  readonly context?: string;
}

export interface Target {
  readonly ref: JobRef;
  readonly where: Where;
}

/** Which job is meant: that of a manifest, or NAME in a namespace. Throws `cli.bad_input` where it is neither or both. */
export async function targetOf(command: Context, flags: TargetFlags, name: string | undefined): Promise<Target> {
  const { file, set, namespace, context } = flags;
  if (file === undefined) {
    if (name === undefined || namespace === undefined)
      throw new BadInput({ problem: 'Which job? Name its manifest with --file, or give NAME and --namespace.' });
    if (set !== undefined && set.length > 0)
      throw new BadInput({ problem: '--set changes a manifest: it needs --file.' });
    return { ref: { namespace, name }, where: { context } };
  }
  if (name !== undefined || namespace !== undefined)
    throw new BadInput({ problem: '--file names the job already: leave NAME and --namespace out.' });
  const { metadata, spec } = await readJob(command, { file, ...(set === undefined ? {} : { set }) });
  return {
    // With the id, or that there is none: a job of the same name and another id is another one.
    ref: { namespace: spec.namespace, name: metadata.name, id: metadata.id ?? null },
    where: { context, clusterName: spec.targetCluster?.clusterName },
  };
}
