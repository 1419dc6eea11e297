import { jobOwner, type JobRef } from '@ephemera/job';
import { connectCluster, kubeErrors, type Cluster, type ClusterAccess, type Owner } from '@ephemera/kube';
import type { Context } from '../../context.ts';
import { plain } from '../../table.ts';
import { accessFor, type Where } from './access.ts';

/** Beyond the 10 s of one attempt to connect, so that the cause is known; calls that do work are tried again for longer. */
const answerTimeoutMs = 12_000;

/**
 * Finds the cluster, says on standard error which one it is, connects as the owner of that job, and sees that it answers: whoever has
 * chosen a cluster that is not there, should know soon. Throws `kube.unreachable` and what else keeps everybody out.
 */
export async function openCluster(command: Context, where: Where, ref: JobRef, signal?: AbortSignal): Promise<Cluster> {
  const access = accessFor(where, command.environment);
  sayCluster(command, access);
  if (where.clusterName !== undefined && where.context === undefined && access.name !== where.clusterName)
    command.process.stderr.write(
      `warning: there is no context of the name ${plain(where.clusterName)}, which the manifest gives\n`,
    );
  return connectAnswering(access, { owner: jobOwner(ref), signal });
}

export function sayCluster({ process }: Context, { name, source }: ClusterAccess): void {
  process.stderr.write(`cluster ${plain(name)} (${plain(source)})\n`);
}

/** Without an owner: whoever brings one to each call. Throws `kube.unreachable` and what else keeps everybody out. */
export async function connectAnswering(
  access: ClusterAccess,
  { owner, signal }: { readonly owner?: Owner; readonly signal?: AbortSignal | undefined },
): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await connectCluster(access, owner));
  await answers(cluster, signal);
  stack.move();
  return cluster;
}

async function answers(cluster: Cluster, signal: AbortSignal | undefined): Promise<void> {
  try {
    await cluster.version({ timeoutMs: answerTimeoutMs, ...(signal && { signal }) });
  } catch (error) {
    // An account that may not ask for the version may be able to run jobs.
    if (error instanceof kubeErrors.Forbidden) return;
    if (!(error instanceof kubeErrors.DeadlineExceeded)) throw error;
    const problem = `there is no answer within ${answerTimeoutMs / 1000} s`;
    throw new kubeErrors.Unreachable({ server: cluster.server, problem }, { cause: error });
  }
}
