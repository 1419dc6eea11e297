import { randomBytes } from 'node:crypto';
import { kubeErrors, refOf, type Cluster } from '@ephemera/kube';
import { EphemeraError, type Job } from '@ephemera/model';
import type { CheckedOrder } from '../objects/checked-order.ts';
import { PrJobNameInUse } from '../objects/errors.ts';
import { privilegedBuildersLabel } from '../objects/guard-rules.ts';
import { prJobObject, requestAnnotation } from '../objects/job.ts';
import { accountOwner, jobOwner } from '../objects/labels.ts';
import { prJobNames } from '../objects/names.ts';
import type { PullRequestPodResult } from '../pull-request-pod.ts';
import { admit } from './admit.ts';
import { applyAccount, removeMade } from './apply-account.ts';
import { jobRequest, type JobRequest } from './job-request.ts';
import { readNamespace } from './namespace.ts';
import { ownByJobs, presentJobs } from './owners.ts';
import { makeSecret, ownSecret, type SecretOrder } from './repository-secret.ts';
import { settled } from './settle.ts';
import type { PrJobTarget } from './target.ts';

export interface CreateOptions {
  /** The id of the server's database, where a server makes it. */
  readonly instance?: string | undefined;
  /** A name that is reserved for this request, `pr-job-{name}-{13 digits}`. Default: by the clock, or by the idempotency key. */
  readonly jobName?: string | undefined;
  /** What tells this request from others; the same one gives the same Job back. Default: of the idempotency key, else random. */
  readonly request?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type CreatedPrJob = PullRequestPodResult & { readonly uid: string };

interface Making {
  readonly cluster: Cluster;
  readonly order: CheckedOrder;
  readonly target: PrJobTarget;
  readonly asked: JobRequest;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a pull-request job: its account, its Secret if it has a repository's token, and the Job, which all of it then belongs to. Can be
 * repeated after a crash at any point; with an idempotency key, or a name and a request that the caller keeps, the repetition gives the
 * same Job. `order.clusterName` is not looked at: `cluster` is that cluster.
 *
 * Throws `pr_job.invalid`, `pr_job.namespace_missing`, `pr_job.foreign_secrets`, `pr_job.readable`, `pr_job.unguarded`,
 * `pr_job.name_in_use`, `kube.foreign`, `kube.terminating` and what else the cluster refuses with. What is refused leaves nothing.
 */
export async function createPrJob(
  cluster: Cluster,
  order: CheckedOrder,
  { instance, jobName, request, signal }: CreateOptions = {},
): Promise<CreatedPrJob> {
  const now = { nowMs: Date.now(), random: randomBytes(16).toString('hex') };
  const asked = jobRequest(order, { jobName, request }, now);
  const { name, namespace, profile } = order;
  const target: PrJobTarget = { name, namespace, instance };
  const making: Making = { cluster, order, target, asked, signal };
  const where = await readNamespace(cluster, namespace, signal);
  const before = await madeBefore(making);
  if (before) return resultOf(making, { job: before, created: false, warnings: [] });
  const warnings = [
    ...(await admit(cluster, target, profile, signal)),
    ...privilegeWarning(order, where?.metadata.labels),
  ];
  const { job, created } = await settled(cluster, { namespace, signal }, () => makeAll(making));
  return resultOf(making, { job, created, warnings });
}

/** The Job that the same request has made before, mended where it stopped half-way. Undefined: none, or its account is gone. */
async function madeBefore({ cluster, order, target, asked, signal }: Making): Promise<Job | undefined> {
  const [name] = asked.jobNames;
  if (asked.isOwn || name === undefined) return undefined;
  const owned = cluster.as(jobOwner(target));
  const job = await owned.get<Job>({ apiVersion: 'batch/v1', kind: 'Job', namespace: order.namespace, name }, signal);
  if (!job || !isOf(job, asked) || job.metadata.deletionTimestamp !== undefined) return undefined;
  try {
    await ownByJobs(cluster, target, signal);
    return job;
  } catch (error) {
    if (error instanceof kubeErrors.NotFound) return undefined;
    throw error;
  }
}

interface MadeJob {
  readonly job: Job;
  readonly created: boolean;
}

async function makeAll(making: Making): Promise<MadeJob> {
  const { cluster, order, target, signal } = making;
  const account = await applyAccount(cluster, target, order.profile, signal);
  try {
    const made = await makeJob(making);
    await ownByJobs(cluster, target, signal);
    return made;
  } catch (error) {
    // What may help itself by a repetition is left for it: it finds what is there.
    if (!(error instanceof EphemeraError) || error.retryable || error instanceof kubeErrors.NotFound) throw error;
    // Whoever has made a Job meanwhile works as this account.
    if (account.length > 0 && (await presentJobs(cluster, target)).length === 0)
      await removeMade(cluster.as(accountOwner(target)), account);
    throw error;
  }
}

async function makeJob(making: Making): Promise<MadeJob> {
  for (const jobName of making.asked.jobNames) {
    const made = await makeJobNamed(making, jobName);
    if (made) return made;
  }
  const [jobName = ''] = making.asked.jobNames;
  throw new PrJobNameInUse({ jobName, namespace: making.order.namespace });
}

/** Undefined: another request has this name. */
async function makeJobNamed(making: Making, jobName: string): Promise<MadeJob | undefined> {
  const { cluster, order, target, asked, signal } = making;
  const { instance } = target;
  const { request } = asked;
  const owned = cluster.as(jobOwner(target));
  const secretOrder: SecretOrder = { order, jobName, instance, target, request, signal };
  const secret = await makeSecret(cluster, secretOrder);
  if (secret === 'taken') return undefined;
  const unmakeSecret = async (): Promise<void> => {
    if (secret !== 'there') await owned.remove(refOf(secret), { uid: secret.metadata.uid });
  };
  const job = prJobObject({ order, jobName, instance, request });
  const made = await owned.create(job, signal).catch(async (error: unknown) => {
    if (error instanceof EphemeraError && !error.retryable) await unmakeSecret();
    throw error;
  });
  if (!isOf(made.object, asked)) {
    await unmakeSecret();
    return undefined;
  }
  await ownSecret(cluster, secretOrder, made.object);
  // Of a request that nobody else knows, the answer to the first attempt was lost.
  return { job: made.object, created: made.created || asked.isOwn };
}

function isOf({ metadata }: Job, { request }: JobRequest): boolean {
  return metadata.annotations?.[requestAnnotation] === request;
}

function privilegeWarning({ builder, namespace }: CheckedOrder, labels: Readonly<Record<string, string>> = {}) {
  if (builder !== 'privileged' || labels[privilegedBuildersLabel] === 'true') return [];
  return [
    `Namespace ${namespace} is not known to have the label ${privilegedBuildersLabel}=true, without which a privileged builder is refused.`,
  ];
}

interface Outcome extends MadeJob {
  readonly warnings: readonly string[];
}

function resultOf({ order }: Making, { job, created, warnings }: Outcome): CreatedPrJob {
  const { name, namespace, profile } = order;
  const { uid = '' } = job.metadata;
  const { serviceAccount } = prJobNames(name);
  return { jobName: job.metadata.name, serviceAccountName: serviceAccount, namespace, created, profile, warnings, uid };
}
