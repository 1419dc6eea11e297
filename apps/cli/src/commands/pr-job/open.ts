import { findAccess } from '@ephemera/kube';
import { findNamedCluster } from '@ephemera/pull-request-pod';
import type { Context } from '../../context.ts';
import { plain } from '../../table.ts';
import { connectAnswering, sayCluster } from '../job/connect.ts';
import { directJobs } from './direct-jobs.ts';
import type { PullRequestJobs } from './pull-request-jobs.ts';
import { credentialsOf } from './server/credentials.ts';
import { serverJobs } from './server/server-jobs.ts';
import { wayOf, type WhereFlags } from './which-way.ts';

/** Opens the way that flags and environment ask for, and says on standard error which one it is. */
export async function openJobs(command: Context, flags: WhereFlags, signal: AbortSignal): Promise<PullRequestJobs> {
  const { environment, process } = command;
  const way = wayOf(flags, environment);
  if (way.kind === 'server') {
    const credentials = credentialsOf(environment);
    process.stderr.write(`server ${plain(credentials.url)} (${credentials.inWords})\n`);
    return serverJobs({ credentials, clusterName: way.clusterName });
  }
  const kubeconfigPath = environment['KUBECONFIG_PATH'] || undefined;
  const access =
    way.context === undefined
      ? findNamedCluster(way.clusterName, environment)
      : findAccess({ kubeconfigPath, context: way.context, environment });
  sayCluster(command, access);
  return directJobs(await connectAnswering(access, { signal }));
}
