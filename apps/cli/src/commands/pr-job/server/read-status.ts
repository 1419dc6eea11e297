import type { PullRequestPodStatus } from '@ephemera/pull-request-pod';
import type { JobOfName } from '../pull-request-jobs.ts';
import { path } from './api.ts';
import type { Place } from './place.ts';

export async function readStatus(
  { api, clusterName }: Place,
  ref: JobOfName,
  signal: AbortSignal,
): Promise<PullRequestPodStatus> {
  const body = { action: 'status', ...ref, clusterName };
  return (await api.ask<{ readonly status: PullRequestPodStatus }>({ method: 'POST', path, body, signal })).status;
}
