import type { Cluster } from '@ephemera/kube';
import { prJobErrors } from '@ephemera/pull-request-pod';
import type { Caller } from '../tokens/caller.ts';
import type { PrJobDeps } from './deps.ts';
import { demandNamespace, reachesName } from './policy.ts';
import type { Asked } from './record.ts';
import { nameOf, type NameInUse } from './store/names.ts';

export interface Wanted {
  readonly caller: Caller;
  readonly clusterName: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly asked: Asked;
}

export interface Reached {
  readonly cluster: Cluster;
  /** Undefined: nothing has this name, and the caller may have it. */
  readonly row: NameInUse | undefined;
}

/**
 * The cluster of a name that a caller may see. What belongs to another repository is not there for it: undefined, and nothing of the event
 * says whose it is. Throws as the policy.
 */
export async function reach(deps: PrJobDeps, wanted: Wanted): Promise<Reached | undefined> {
  const { caller, namespace, name, clusterName, asked } = wanted;
  demandNamespace(deps.policy, caller, namespace);
  const { key, cluster } = await deps.clusters.locate(clusterName);
  asked.cluster = key;
  const row = await nameOf(deps.db, { cluster: key, namespace, name });
  if (row && !reachesName(caller, row)) return undefined;
  if (row) asked.repositoryId = row.repositoryId;
  return { cluster, row };
}

/** The same for one Job. Throws `pr_job.not_found` where the caller reaches none. */
export async function reachJob(deps: PrJobDeps, wanted: Wanted & { readonly jobName: string }): Promise<Cluster> {
  const reached = await reach(deps, wanted);
  const { caller, jobName, name, namespace } = wanted;
  // Every Job of a narrowed caller has a row for as long as it is there.
  if (!reached || (!reached.row && caller.repositoryIds !== undefined))
    throw new prJobErrors.PrJobNotFound({ jobName, namespace, name });
  return reached.cluster;
}
