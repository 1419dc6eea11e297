import type { JobOfName } from '../pull-request-jobs.ts';
import { path } from './api.ts';

export interface LogQuery extends JobOfName {
  readonly clusterName: string | undefined;
  readonly follow: boolean;
  readonly tailLines: number | undefined;
}

/** Where the server gives the log of a job. Pure. */
export function logPath({ jobName, name, namespace, clusterName, follow, tailLines }: LogQuery): string {
  const query = new URLSearchParams({
    name,
    namespace,
    follow: String(follow),
    ...(clusterName !== undefined && { clusterName }),
    ...(tailLines !== undefined && { tail: String(tailLines) }),
  });
  return `${path}/${encodeURIComponent(jobName)}/logs?${query.toString()}`;
}
