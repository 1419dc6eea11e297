import { EphemeraError } from '@ephemera/model';
import { defaultNamespace } from '@ephemera/pull-request-pod';
import { PrJobCleanedUp, PrJobMissing, PrJobTaken } from './errors.ts';
import { otherWay } from './other-way.ts';
import type { JobOfName, NameRef, PullRequestJobs } from './pull-request-jobs.ts';
import type { Way } from './which-way.ts';

export interface AdviceOptions {
  /** Which way the jobs are reached. */
  readonly by: Way['kind'];
  /** When everything of the name was removed after the job was made; undefined: that is not known. Default: it never is. */
  readonly cleanedUpAt?: (ref: JobOfName, signal: AbortSignal) => Promise<string | undefined>;
}

/**
 * The same jobs, whose errors advise what a user of the command can do. Package and server speak to programs, which know nothing of the
 * other way, of flags, or of kubectl.
 */
export function withAdvice(
  jobs: PullRequestJobs,
  { by, cleanedUpAt = async () => undefined }: AdviceOptions,
): PullRequestJobs {
  const missing = async (error: unknown, ref: JobOfName, signal: AbortSignal): Promise<never> => {
    if (codeOf(error) !== 'pr_job.not_found') throw error;
    const { jobName, namespace } = ref;
    const at = await cleanedUpAt(ref, signal);
    throw at === undefined
      ? new PrJobMissing({ jobName, namespace }, { cause: error })
      : new PrJobCleanedUp({ jobName, namespace, at }, { cause: error });
  };
  return {
    ...jobs,
    create: (options, signal) =>
      jobs.create(options, signal).catch((error: unknown) => {
        const { name, namespace = defaultNamespace } = options;
        throw takenBy(error, { name, namespace }, by);
      }),
    status: (ref, signal) => jobs.status(ref, signal).catch((error: unknown) => missing(error, ref, signal)),
    logs: (ref, options) => jobs.logs(ref, options).catch((error: unknown) => missing(error, ref, options.signal)),
  };
}

function takenBy(error: unknown, ref: NameRef, by: Way['kind']): unknown {
  if (!(error instanceof EphemeraError) || codeOf(error) !== 'kube.foreign') return error;
  return new PrJobTaken({ reason: error.message, otherWay: otherWay(ref, by) }, { cause: error });
}

/** Of the package, or of the server that used it. */
function codeOf(error: unknown): unknown {
  if (!(error instanceof EphemeraError)) return undefined;
  return error.details['serverCode'] ?? error.code;
}
