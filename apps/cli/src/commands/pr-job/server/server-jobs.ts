import type { PullRequestPodResult } from '@ephemera/pull-request-pod';
import type { PullRequestJobs } from '../pull-request-jobs.ts';
import { withAdvice } from '../advice.ts';
import { apiOf, path } from './api.ts';
import { cleanedUpAt } from './cleaned-up.ts';
import { cleanupOnServer } from './cleanup.ts';
import type { Credentials } from './credentials.ts';
import { followOnServer } from './follow.ts';
import { newestKnown } from './newest-known.ts';
import type { Place } from './place.ts';
import { readLogs } from './read-logs.ts';
import { readStatus } from './read-status.ts';

export interface ServerJobsOptions {
  readonly credentials: Credentials;
  /** Default: the server's own cluster. */
  readonly clusterName: string | undefined;
}

/** Pull-request jobs by a server, which checks who asks, and records it. */
export function serverJobs({ credentials, clusterName }: ServerJobsOptions): PullRequestJobs {
  const place: Place = { api: apiOf(credentials), clusterName };
  const jobs: PullRequestJobs = {
    create: async ({ idempotencyKey, ...order }, signal) => {
      const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
      const request = { method: 'POST', path, body: { action: 'create', ...order }, headers, signal } as const;
      return (await place.api.ask<{ readonly job: PullRequestPodResult }>(request)).job;
    },
    newest: (ref, signal) => newestKnown(place, ref, signal),
    status: (ref, signal) => readStatus(place, ref, signal),
    follow: (ref, options) => followOnServer(place, ref, options),
    logs: (ref, options) => readLogs(place, ref, options),
    cleanup: (ref, options) => cleanupOnServer(place, ref, options),
    [Symbol.asyncDispose]: async () => {},
  };
  return withAdvice(jobs, { by: 'server', cleanedUpAt: (ref, signal) => cleanedUpAt(place, ref, signal) });
}
