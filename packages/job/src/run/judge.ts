import { randomBytes } from 'node:crypto';
import { kubeErrors, refOf } from '@ephemera/kube';
import { describeRef, type Job } from '@ephemera/model';
import { applyContents, contentsOf, type Applier } from './apply-contents.ts';
import { endOf } from './end-of.ts';
import { Immutable } from './errors.ts';
import { immutableFields } from './immutable-fields.ts';
import type { Survey } from './survey.ts';

/**
 * Asks the cluster whether it takes the Job, where a refusal would otherwise come after something was written; beside a live Job also
 * whether it takes what the Job reads, as what is changed there is not changed back.
 */
export async function judge(run: Judged, { job, present }: Survey): Promise<'apply' | 'replace'> {
  const { cluster, compiled, replace, signal } = run;
  if (!job && contentsOf(compiled).length === 0) return 'apply';
  if (job && replace && endOf(job) !== null) return replaceable(run);
  try {
    await cluster.apply(compiled.job, { dryRun: true, read: job ?? 'nothing', signal });
  } catch (error) {
    if (!(error instanceof kubeErrors.Invalid) || !job) throw error;
    const fields = immutableFields(String(error.details['reason']));
    if (!fields) throw error;
    if (!replace) throw new Immutable({ job: describeRef(refOf(compiled.job)), fields }, { cause: error });
    return replaceable(run);
  }
  if (job) await applyContents(run, { job, read: present, dryRun: true });
  return 'apply';
}

interface Judged extends Applier {
  readonly replace: boolean;
}

/** Nothing is deleted for a Job that could not be made. */
async function replaceable({ cluster, compiled, signal }: Judged): Promise<'replace'> {
  await cluster.apply(underSpareName(compiled.job), { dryRun: true, read: 'nothing', signal });
  return 'replace';
}

const shortestSpareName = 12;

/** The same Job under a name that nobody has, and that is no longer than a name may be: an Indexed Job's is limited further. */
function underSpareName(job: Job): Job {
  const length = Math.max(shortestSpareName, job.metadata.name.length);
  const name = `x${randomBytes(length).toString('hex')}`.slice(0, length);
  return { ...job, metadata: { ...job.metadata, name } };
}
