import { createHash } from 'node:crypto';
import type { Cluster } from '@ephemera/kube';
import { EphemeraError } from '@ephemera/model';
import { createPrJob, jobNameAt, prJobErrors, type CheckedOrder } from '@ephemera/pull-request-pod';
import { useOnce } from '../oidc/use-once.ts';
import { repositoryById } from '../store/repositories.ts';
import type { Caller } from '../tokens/caller.ts';
import type { MadeJob } from './answers.ts';
import type { PrJobDeps } from './deps.ts';
import { KeyReused, NameTaken } from './errors.ts';
import { hashOf, requestHash } from './hashes.ts';
import { demandImage, demandNamespace, repositoryOf } from './policy.ts';
import { prJobErrorAnswer } from './problem.ts';
import type { Asked } from './record.ts';
import { claimName, releaseName } from './store/names.ts';
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
 * Makes a job, or returns the one that the same key has made before.
 *
 * Everything that is needed to find the job again is written down before it is made: the name, for the sweep, and with a key the name of
 * the Job, so that whoever repeats the request makes the same one, also at the same moment and after a crash. Throws what the policy, the
 * database and the package throw, `pr_job.name_taken` and `pr_job.key_reused`.
 */
export async function createForCaller(deps: PrJobDeps, request: CreateRequest): Promise<MadeJob> {
  const { db, clusters, policy } = deps;
  const { caller, order, key, asked } = request;
  demandNamespace(policy, caller, order.namespace);
  demandImage(policy, caller, order.image);
  const { key: place, cluster } = await clusters.locate(order.clusterName);
  asked.cluster = place;
  const repositoryId = repositoryOf(caller, request.repositoryId);
  asked.repositoryId = repositoryId;

  const hash = requestHash(order, { cluster: place, repositoryId });
  await useOnce(db, caller, hashOf([hash.toString('hex'), key ?? null]));
  const making = { ...request, cluster, place, repositoryId };
  if (key === undefined)
    return claimed(deps, making, async () => toMadeJob(await createPrJob(cluster, order, { instance: deps.instance })));
  const row = { caller: caller.account, keyHash: hashOf([key]), requestHash: hash };
  return createOnce(deps, { ...making, key, row });
}

interface Making extends Omit<CreateRequest, 'repositoryId'> {
  readonly cluster: Cluster;
  readonly place: string;
  readonly repositoryId: number | null;
}

/** Makes it under a name that is the caller's. What is refused has made nothing, and takes no name from anybody. */
async function claimed(deps: PrJobDeps, making: Making, make: () => Promise<MadeJob>): Promise<MadeJob> {
  const { db } = deps;
  const { caller, order, place: cluster, repositoryId, asked } = making;
  const { name, namespace } = order;
  const claim = await claimName(db, {
    cluster,
    namespace,
    name,
    repositoryId,
    repositoryFullName: await fullNameOf(deps, caller, repositoryId),
    claimedBy: caller.name,
  });
  if (!claim) throw new NameTaken({ name, namespace });
  try {
    const job = await make();
    asked.jobName = job.jobName;
    return job;
  } catch (error) {
    if (isRefusal(error)) await releaseName(db, { cluster, namespace, name }, claim);
    throw error;
  }
}

interface KeyedMaking extends Making {
  readonly key: string;
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
    asked.message = 'answered as before: the Idempotency-Key had made it already';
    return { ...(stored.answer as MadeJob), created: false };
  }
  try {
    const job = await claimed(deps, making, async () => toMadeJob(await makeNamed(deps, making, stored.jobName)));
    await keepAnswer(db, { ...row, jobName: job.jobName }, job);
    return job;
  } catch (error) {
    if (isRefusal(error)) await freeKey(db, row);
    throw error;
  }
}

/** Under the name that the key's row has; where somebody else's Job has it already, under that of another millisecond. */
async function makeNamed(deps: PrJobDeps, { order, cluster, caller, key, row }: KeyedMaking, first: string) {
  // The cluster is told which request the Job is of, so that a name that is taken is told from a Job that was made before.
  const request = createHash('sha256')
    .update(JSON.stringify([caller.account, key]))
    .digest('hex');
  let jobName = first;
  for (let tries = 1; ; tries += 1) {
    try {
      return await createPrJob(cluster, order, { instance: deps.instance, jobName, request });
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

/** No Job was made, for certain, and none will be when the same is asked again: another request may take the key. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof EphemeraError) || error.retryable) return false;
  return prJobErrorAnswer(error).status < 500;
}

async function fullNameOf({ db }: PrJobDeps, caller: Caller, repositoryId: number | null): Promise<string | null> {
  if (repositoryId === null) return null;
  if (caller.repository?.id === repositoryId) return caller.repository.fullName;
  return (await repositoryById(db, repositoryId))?.fullName ?? null;
}

function toMadeJob(made: MadeJobOf): MadeJob {
  const { jobName, serviceAccountName, namespace, created, profile, warnings } = made;
  return { jobName, serviceAccountName, namespace, created, profile, warnings: [...warnings] };
}

type MadeJobOf = Awaited<ReturnType<typeof createPrJob>>;
