import { checkJobName, checkName, checkNamespace, defaultNamespace } from '@ephemera/pull-request-pod';
import { inFlags } from './in-flags.ts';
import type { JobOfName, NameRef, PullRequestJobs } from './pull-request-jobs.ts';
import type { WhereFlags } from './which-way.ts';

export interface TargetFlags extends WhereFlags {
  readonly namespace?: string;
}

export interface OneJobFlags extends TargetFlags {
  /** The name of the Job; default: the newest of that name. */
  readonly job?: string;
}

/** NAME and --namespace, checked. */
export function targetOf({ namespace = defaultNamespace }: TargetFlags, name: string): NameRef {
  inFlags(() => checkName(name));
  inFlags(() => checkNamespace(namespace));
  return { name, namespace };
}

export function checkJobFlag({ job }: OneJobFlags): void {
  if (job !== undefined) inFlags(() => checkJobName(job));
}

/** The job that --job names, or the newest of that name. */
export async function oneJob(
  jobs: PullRequestJobs,
  { ref, job, signal }: { readonly ref: NameRef; readonly job: string | undefined; readonly signal: AbortSignal },
): Promise<JobOfName> {
  return { ...ref, jobName: job ?? (await jobs.newest(ref, signal)) };
}
