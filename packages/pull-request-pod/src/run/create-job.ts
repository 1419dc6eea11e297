import { randomBytes } from 'node:crypto';
import { kubeErrors, type Cluster } from '@ephemera/kube';
import { messageOf, type Job } from '@ephemera/model';
import type { CheckedOrder } from '../objects/checked-order.ts';
import { PrJobNamespaceMissing, PrJobUnfinished } from '../objects/errors.ts';
import { prJobNames } from '../objects/names.ts';
import type { PullRequestPodResult } from '../pull-request-pod.ts';
import { refuseUnguarded } from './admit.ts';
import { lookFirst, type FirstLook } from './first-look.ts';
import { jobRequest } from './job-request.ts';
import { finish, isOf, makeAll, type MadeJob, type Making } from './make-job.ts';
import { settled } from './settle.ts';
import type { PrJobTarget } from './target.ts';
import { warningsOf } from './warnings.ts';

export interface CreateOptions {
  /** The id of the server's database, where a server makes it. */
  readonly instance?: string | undefined;
  /** A name that is reserved for this request, `pr-job-{name}-{13 digits}`. Default: by the clock, or by the idempotency key. */
  readonly jobName?: string | undefined;
  /** What tells this request from others; the same one gives the same Job back. Default: of the idempotency key, else random. */
  readonly request?: string | undefined;
  /**
   * Called right before the Job is made, again for each attempt: the last moment to say no. What it throws stops the creation, and what
   * this call has made is removed again.
   */
  readonly beforeJob?: (() => Promise<void>) | undefined;
  /**
   * Makes the job also where nothing limits what its account creates, which may be as much as root of a node; not beside Secrets of others.
   * Never for whoever asks from outside. Default false; the label `ephemera.dev/unguarded=true` of the namespace says the same.
   */
  readonly allowUnguarded?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type CreatedPrJob = PullRequestPodResult & { readonly uid: string };

/**
 * Makes a pull-request job: its account, its Secret if it has a repository's token, and the Job, which all of it then belongs to. Can be
 * repeated after a crash at any point; with an idempotency key, or a name and a request that the caller keeps, the repetition gives the
 * same Job. `order.clusterName` is not looked at: `cluster` is that cluster.
 *
 * Throws `pr_job.invalid`, `pr_job.namespace_missing`, `pr_job.foreign_secrets`, `pr_job.readable`, `pr_job.unguarded`,
 * `pr_job.name_in_use`, `kube.foreign`, `kube.terminating` and what else the cluster refuses with. What is refused leaves nothing.
 * Whatever goes wrong when the Job is there already is `pr_job.unfinished`.
 */
export async function createPrJob(
  cluster: Cluster,
  order: CheckedOrder,
  options: CreateOptions = {},
): Promise<CreatedPrJob> {
  const { instance, jobName, request, beforeJob = async () => {}, allowUnguarded = false, signal } = options;
  const now = { nowMs: Date.now(), random: randomBytes(16).toString('hex') };
  const asked = jobRequest(order, { jobName, request }, now);
  const { name, namespace, profile } = order;
  const target: PrJobTarget = { name, namespace, instance };
  let there: MadeJob | undefined;
  const onJob = (made: MadeJob): void => {
    // A second round of this call finds the Job of its first.
    there = { ...made, created: made.created || there?.created === true };
  };
  const making: Making = { cluster, order, target, asked, beforeJob, onJob, signal };
  const looking = { profile, jobName: asked.isOwn ? undefined : asked.jobNames[0], signal };
  const seen = await lookFirst(cluster, target, looking);
  const { labels, guard } = seen;
  const answer = (made: MadeJob): CreatedPrJob => resultOf(order, { ...made, warnings: warningsOf(order, seen) });
  try {
    const before = await madeBefore(making, seen);
    if (before) return answer({ job: before, created: false });
    seen.admitProfile();
    await refuseUnguarded(cluster, { target, profile, guard, labels, allowUnguarded, signal });
    let read: FirstLook['account'] | undefined = seen.account;
    const made = await settled(cluster, { namespace, signal }, () => {
      const once = read;
      read = undefined;
      return makeAll(making, once);
    });
    return answer(there ?? made);
  } catch (error) {
    throw there === undefined ? error : unfinished(there, error);
  }
}

/** The Job that the same request has made before, finished where it stopped half-way. Undefined: none, or its account is gone. */
async function madeBefore(making: Making, { job, account }: FirstLook): Promise<Job | undefined> {
  if (!job || !isOf(job, making) || job.metadata.deletionTimestamp !== undefined) return undefined;
  making.onJob({ job, created: false });
  try {
    await finish(making, job, account);
    return job;
  } catch (error) {
    if (error instanceof kubeErrors.NotFound) return undefined;
    throw error;
  }
}

function unfinished({ job }: MadeJob, error: unknown): unknown {
  // It took the Job with it.
  if (error instanceof PrJobNamespaceMissing) return error;
  const { name, namespace = '' } = job.metadata;
  return new PrJobUnfinished({ jobName: name, namespace, because: messageOf(error) }, { cause: error });
}

interface Outcome extends MadeJob {
  readonly warnings: readonly string[];
}

function resultOf({ name, namespace, profile }: CheckedOrder, { job, created, warnings }: Outcome): CreatedPrJob {
  const { uid = '' } = job.metadata;
  const { serviceAccount } = prJobNames(name);
  return { jobName: job.metadata.name, serviceAccountName: serviceAccount, namespace, created, profile, warnings, uid };
}
