import { refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError, type Job, type KubeObject } from '@ephemera/model';
import type { CheckedOrder } from '../objects/checked-order.ts';
import { PrJobNameInUse } from '../objects/errors.ts';
import { prJobObject, requestAnnotation } from '../objects/job.ts';
import { jobOwner } from '../objects/labels.ts';
import type { FoundAccount } from './account-refs.ts';
import { applyAccount, isFinal } from './apply-account.ts';
import { atOnce } from './at-once.ts';
import type { JobRequest } from './job-request.ts';
import { isAsOrdered, orderAnnotation, orderMark } from './order-mark.ts';
import { ownByJobs } from './owners.ts';
import { makeSecret, ownSecret, type SecretOrder } from './repository-secret.ts';
import type { PrJobTarget } from './target.ts';

/** One call of `createPrJob`. */
export interface Making {
  readonly cluster: Cluster;
  readonly order: CheckedOrder;
  readonly target: PrJobTarget;
  readonly asked: JobRequest;
  readonly beforeJob: () => Promise<void>;
  /** Called as soon as the Job is there. */
  readonly onJob: (job: MadeJob) => void;
  readonly signal: AbortSignal | undefined;
}

export interface MadeJob {
  readonly job: Job;
  readonly created: boolean;
}

/** Account, Secret, Job, and what makes the first two belong to the third. Can be repeated from any point. */
export async function makeAll(making: Making, read?: FoundAccount): Promise<MadeJob> {
  const { cluster, order, target, signal } = making;
  const account = await applyAccount(cluster, target, { profile: order.profile, read, signal });
  const { made, secret } = await makeJob(making).catch(async (error: unknown) => {
    if (error instanceof Stopped || isFinal(error)) await account.undo();
    throw error instanceof Stopped ? error.cause : error;
  });
  making.onJob(made);
  await atOnce([
    ownByJobs(cluster, target, { read: account.objects, signal }),
    ownSecret(cluster, secretOrderOf(making, made.job.metadata.name), made.job, secret),
  ]);
  return made;
}

/** Makes an account and a Secret that are there belong to a Job that is there. */
export async function finish(making: Making, job: Job, read: FoundAccount): Promise<void> {
  const { cluster, target, signal } = making;
  const account = read.filter((object) => object?.metadata.deletionTimestamp === undefined);
  await atOnce([
    ownByJobs(cluster, target, { read: account.filter((object) => object !== undefined), signal }),
    ownSecret(cluster, secretOrderOf(making, job.metadata.name), job),
  ]);
}

/** Whether a Job is that of this request. Throws `pr_job.name_in_use` where the request had ordered something else. */
export function isOf(job: Job, { asked, order }: Making): boolean {
  if (job.metadata.annotations?.[requestAnnotation] !== asked.request) return false;
  if (!isAsOrdered(job, order)) throw nameInUse(job.metadata.name, order);
  return true;
}

interface MadeWithSecret {
  readonly made: MadeJob;
  readonly secret: KubeObject | undefined;
}

async function makeJob(making: Making): Promise<MadeWithSecret> {
  for (const jobName of making.asked.jobNames) {
    const made = await makeJobNamed(making, jobName);
    if (made) return made;
  }
  const [jobName = ''] = making.asked.jobNames;
  throw nameInUse(jobName, making.order);
}

/** Undefined: another request has this name. */
async function makeJobNamed(making: Making, jobName: string): Promise<MadeWithSecret | undefined> {
  const { cluster, order, target, asked, signal } = making;
  const { instance } = target;
  const { request } = asked;
  const owned = cluster.as(jobOwner(target));
  const outcome = await makeSecret(cluster, secretOrderOf(making, jobName));
  if (outcome === 'taken') return undefined;
  const { secret, isNew } = outcome === 'none' ? { secret: undefined, isNew: false } : outcome;
  const unmakeSecret = async (): Promise<void> => {
    if (secret && isNew) {
      const { uid, resourceVersion } = secret.metadata;
      await owned.remove(refOf(secret), { uid, resourceVersion });
    }
  };
  const { metadata, ...rest } = prJobObject({ order, jobName, instance, request });
  const annotations = { ...metadata.annotations, [orderAnnotation]: orderMark(order) };
  try {
    await making.beforeJob().catch((error: unknown) => {
      throw new Stopped({ cause: error });
    });
    const { object: job, created } = await owned.create<Job>(
      { ...rest, metadata: { ...metadata, annotations } },
      signal,
    );
    // Of a request that nobody else knows, the answer to the first attempt was lost.
    if (isOf(job, making)) return { made: { job, created: created || asked.isOwn }, secret };
  } catch (error) {
    if (error instanceof Stopped || (error instanceof EphemeraError && !error.retryable)) await unmakeSecret();
    throw error;
  }
  await unmakeSecret();
  return undefined;
}

/** The caller's own no, whatever it has thrown. */
class Stopped extends Error {
  constructor(options: ErrorOptions) {
    super('The caller has stopped the creation', options);
  }
}

function secretOrderOf({ order, target, asked, signal }: Making, jobName: string): SecretOrder {
  return { order, jobName, instance: target.instance, target, request: asked.request, signal };
}

function nameInUse(jobName: string, { namespace }: CheckedOrder): Error {
  return new PrJobNameInUse({ jobName, namespace });
}
