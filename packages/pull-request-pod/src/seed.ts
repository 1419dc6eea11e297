import { connectCluster, type Cluster } from '@ephemera/kube';
import { checkJobName, checkName, checkNamespace, checkOrder } from './objects/check-order.ts';
import type {
  BuildxServiceAccount,
  PullRequestPodCleanup,
  PullRequestPodOptions,
  PullRequestPodResult,
  PullRequestPodStatus,
} from './pull-request-pod.ts';
import { cleanupPrJob } from './run/cleanup/cleanup-pr-job.ts';
import { createPrJob } from './run/create-job.ts';
import { ensureAccount } from './run/ensure-account.ts';
import { findNamedCluster } from './run/named-cluster.ts';
import { prJobLogs, type PrJobLogsOptions } from './run/pr-job-logs.ts';
import { prJobStatus } from './run/pr-job-status.ts';

/**
 * Makes a Job with an account that may make builders for buildx. See `findNamedCluster` for which cluster, `createPrJob` for what is
 * refused and `checkOrder` for what is invalid.
 */
export async function createPullRequestPodJob(options: PullRequestPodOptions): Promise<PullRequestPodResult> {
  const order = checkOrder(options);
  await using cluster = await connect(order.clusterName);
  const { uid: _, ...result } = await createPrJob(cluster, order);
  return result;
}

/** Makes the account only, with the documented rights and those that buildx needs beside them. */
export async function createBuildxServiceAccount(
  name: string,
  namespace?: string,
  clusterName?: string,
): Promise<BuildxServiceAccount> {
  const order = { name: checkName(name), namespace: checkNamespace(namespace), profile: 'seed' } as const;
  await using cluster = await connect(clusterName);
  return await ensureAccount(cluster, order);
}

/** Throws `pr_job.not_found` where there is no such pull-request job. */
export async function getPullRequestPodJobStatus(
  jobName: string,
  namespace?: string,
  clusterName?: string,
): Promise<PullRequestPodStatus> {
  const ref = { jobName: checkJobName(jobName), namespace: checkNamespace(namespace) };
  await using cluster = await connect(clusterName);
  return await prJobStatus(cluster, ref);
}

/** Removes everything of that name, and returns when it is gone. */
export async function cleanupPullRequestPodJob(
  name: string,
  namespace?: string,
  clusterName?: string,
): Promise<PullRequestPodCleanup> {
  const target = { name: checkName(name), namespace: checkNamespace(namespace) };
  await using cluster = await connect(clusterName);
  return await cleanupPrJob(cluster, target);
}

/** Reads the logs of a job, to its end with `follow`. */
export async function getPullRequestPodJobLogs(
  jobName: string,
  namespace: string | undefined,
  clusterName: string | undefined,
  options: PrJobLogsOptions,
): Promise<void> {
  const ref = { jobName: checkJobName(jobName), namespace: checkNamespace(namespace) };
  await using cluster = await connect(clusterName);
  await prJobLogs(cluster, ref, options);
}

/** One client for each call, so that the credentials of two clusters never meet in one. */
function connect(clusterName: string | undefined): Promise<Cluster> {
  return connectCluster(findNamedCluster(clusterName, process.env));
}
