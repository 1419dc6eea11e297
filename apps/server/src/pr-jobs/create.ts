import type { Cluster } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import {
  createPrJob,
  jobNameAt,
  prJobErrors,
  type CheckedOrder,
  type CreatedPrJob,
  type CreateOptions,
} from '@ephemera/pull-request-pod';
import { useOnce } from '../oidc/use-once.ts';
import { repositoryById } from '../store/repositories.ts';
import type { Caller } from '../tokens/caller.ts';
import type { MadeJob } from './answers.ts';
import type { PrJobDeps } from './deps.ts';
import { KeyReused, NameLost, NameTaken } from './errors.ts';
import { hashOf, requestHash } from './hashes.ts';
import { inTime } from './in-time.ts';
import { demandImage, demandNamespace, demandProfile, repositoryOf } from './policy.ts';
import { prJobErrorAnswer } from './problem.ts';
import type { Asked } from './record.ts';
import { claimName, releaseName, touchName } from './store/names.ts';
import { freeKey, keepAnswer, renameJob, reserve, type RequestKey } from './store/requests.ts';

export interface CreateRequest {
  readonly caller: Caller;
  readonly order: CheckedOrder;
  /** GitHub's id of the repository that the body names. */
  readonly repositoryId: number | undefined;
  /** The header Idempotency-Key. */
  readonly key: string | undefined;
  /** Filled in as it becomes known. */
  readonly asked: Asked;
}

/** Milliseconds that are tried one after the other, where others have the names of those before. */
const mostNames = 50;

/**
 * Makes a job, or returns the one that the same key has made before. A token that is good for one change stands for a key.
 *
 * Everything that is needed to find the job again is written down before it is made: the name, for the sweep, and with a key the name of
 * the Job, so that whoever repeats the request makes the same one, also at the same moment and after a crash. Throws what the policy, the
 * database and the package throw, `pr_job.name_taken`, `pr_job.key_reused`, `pr_job.name_lost` and `pr_job.too_slow`.
 */
export async function createForCaller(deps: PrJobDeps, request: CreateRequest): Promise<MadeJob> {
  return inTime(deps, 'create', (signal) => create(deps, request, signal));
}

async function create(deps: PrJobDeps, request: CreateRequest, signal: AbortSignal): Promise<MadeJob> {
  const { db, clusters, policy } = deps;
  const { caller, order, key, asked } = request;
  demandNamespace(policy, caller, order.namespace);
  demandImage(policy, caller, order.image);
  demandProfile(policy, order.profile);
  const { key: place, cluster } = await clusters.locate(order.clusterName);
  asked.cluster = place;
  const repositoryId = repositoryOf(caller, request.repositoryId);
  asked.repositoryId = repositoryId;

  const hash = requestHash(order, { cluster: place, repositoryId });
  await useOnce(db, caller, hashOf([hash.toString('hex'), key ?? null]));
  const making = { ...request, cluster, place, repositoryId, signal };
  const parts = keyParts(caller, key);
  if (!parts) return claimed(deps, making, async (options) => toMadeJob(await createPrJob(cluster, order, options)));
  const row = { caller: caller.account, keyHash: hashOf(parts), requestHash: hash };
  return createOnce(deps, { ...making, parts, row });
}

/** What tells a request that makes one job, however often it comes. Undefined: each time that it comes it makes another one. Pure. */
function keyParts({ once }: Caller, key: string | undefined): readonly string[] | undefined {
  if (key !== undefined) return [key];
  // Whoever has seen the token may send it as often as it is valid. Three parts are nobody's key.
  return once && ['jti', once.issuer, once.jti];
}

interface Making extends Omit<CreateRequest, 'repositoryId'> {
  readonly cluster: Cluster;
  readonly place: string;
  readonly repositoryId: number | null;
  readonly signal: AbortSignal;
}

type Make = (options: CreateOptions) => Promise<MadeJob>;

/** Makes it under a name that is the caller's. What is refused has made nothing, and takes no name from anybody. */
async function claimed(deps: PrJobDeps, making: Making, make: Make): Promise<MadeJob> {
  const { db, instance } = deps;
  const { caller, order, place: cluster, repositoryId, asked, signal } = making;
  const { name, namespace } = order;
  const place = { cluster, namespace, name };
  let claim = await claimName(db, {
    ...place,
    repositoryId,
    repositoryFullName: await fullNameOf(deps, caller, repositoryId),
    claimedBy: caller.name,
  });
  if (!claim) throw new NameTaken({ name, namespace });
  // Whoever's name it is sees who has used it.
  asked.repositoryId = claim.repositoryId;
  const beforeJob = async (): Promise<void> => {
    const touched = claim && (await touchName(db, place, claim));
    if (!touched) throw new NameLost({ name, namespace });
    claim = touched;
    signal.throwIfAborted();
  };
  try {
    const job = await make({ instance, signal, beforeJob });
    asked.jobName = job.jobName;
    return job;
  } catch (error) {
    if (error instanceof prJobErrors.PrJobUnfinished) asked.jobName = String(error.details['jobName']);
    // A name that cannot be given back now goes with the sweep; why nothing was made is what the caller has to know.
    if (isRefusal(error)) await releaseName(db, place, claim).catch(() => undefined);
    throw error;
  }
}

interface KeyedMaking extends Making {
  readonly parts: readonly string[];
  readonly row: RequestKey & { readonly requestHash: Buffer };
}

async function createOnce(deps: PrJobDeps, making: KeyedMaking): Promise<MadeJob> {
  const { db } = deps;
  const { order, place, row, asked } = making;
  const { name, namespace } = order;
  const stored = await firstFree(Date.now(), (ms) =>
    reserve(db, { ...row, cluster: place, namespace, name, jobName: jobNameAt(name, ms) }),
  );
  if (!stored.requestHash.equals(row.requestHash)) throw new KeyReused({});
  asked.jobName = stored.jobName;
  if (stored.answer !== null) {
    asked.message = 'answered as before: the same request had made it already';
    return { ...(stored.answer as MadeJob), created: false };
  }
  try {
    const job = await claimed(deps, making, async (options) =>
      toMadeJob(await makeNamed(deps, making, { ...options, jobName: stored.jobName })),
    );
    await keepAnswer(db, { ...row, jobName: job.jobName }, job);
    return job;
  } catch (error) {
    // A key that cannot be freed now stands for this request alone, for a day.
    if (isRefusal(error)) await freeKey(db, row).catch(() => undefined);
    throw error;
  }
}

/** Under the name that the key's row has; where somebody else's Job has it already, under that of another millisecond. */
async function makeNamed(
  deps: PrJobDeps,
  { order, cluster, caller, parts, row }: KeyedMaking,
  options: CreateOptions & { readonly jobName: string },
): Promise<CreatedPrJob> {
  // The cluster is told which request the Job is of, so that a name that is taken is told from a Job that was made before.
  const request = hashOf([caller.account, ...parts]).toString('hex');
  let { jobName } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      return await createPrJob(cluster, order, { ...options, jobName, request });
    } catch (error) {
      if (!(error instanceof prJobErrors.PrJobNameInUse) || tries === mostNames) throw error;
      const from = jobName;
      const renamed = await firstFree(Date.now() + tries, (ms) =>
        renameJob(deps.db, row, { from, to: jobNameAt(order.name, ms) }),
      );
      jobName = renamed.jobName;
    }
  }
}

async function firstFree<Result>(ms: number, take: (ms: number) => Promise<Result | 'taken'>): Promise<Result> {
  for (let at = ms; ; at += 1) {
    const result = await take(at);
    if (result !== 'taken') return result;
  }
}

/**
 * No Job was made, for certain: another request may take the key and the name. An error that comes after the Job is made says so, by
 * `pr_job.unfinished`, which may be repeated.
 */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof EphemeraError) || error.retryable) return false;
  return prJobErrorAnswer(error).status < 500;
}

async function fullNameOf({ db }: PrJobDeps, caller: Caller, repositoryId: number | null): Promise<string | null> {
  if (repositoryId === null) return null;
  if (caller.repository?.id === repositoryId) return caller.repository.fullName;
  return (await repositoryById(db, repositoryId))?.fullName ?? null;
}

function toMadeJob(made: CreatedPrJob): MadeJob {
  const { jobName, serviceAccountName, namespace, created, profile, warnings } = made;
  return { jobName, serviceAccountName, namespace, created, profile, warnings: [...warnings] };
}
