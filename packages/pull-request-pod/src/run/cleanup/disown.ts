import type { Part } from './part.ts';

/**
 * Takes for somebody else's what has no marks and whose Job, or whose account, is somebody else's: two servers may have a job of the same
 * name in one namespace one after the other, and buildx may have made it for the other one. Pure.
 */
export function disown(parts: readonly Part[]): readonly Part[] {
  const foreignJobs = new Map<string, string>();
  let foreignAccount: string | undefined;
  for (const { kind, jobName, whose } of parts) {
    if (typeof whose === 'string') continue;
    if (kind === 'batch/v1/Job' && jobName !== undefined) foreignJobs.set(jobName, 'its Job is somebody else’s');
    if (kind === 'v1/ServiceAccount') foreignAccount = 'the account of this name is somebody else’s';
  }
  return parts.map((part) => {
    if (part.whose !== 'unmarked') return part;
    const because = (part.jobName !== undefined && foreignJobs.get(part.jobName)) || foreignAccount;
    return because === undefined ? part : { ...part, whose: { because } };
  });
}
