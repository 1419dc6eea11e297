import { randomUUID } from 'node:crypto';
import { checkOrder, type PullRequestPodCleanup } from '@ephemera/pull-request-pod';
import type { MadeJob } from '../src/pr-jobs/answers.ts';
import { cleanupForCaller } from '../src/pr-jobs/cleanup.ts';
import { createClusters } from '../src/pr-jobs/clusters.ts';
import { createForCaller } from '../src/pr-jobs/create.ts';
import type { PrJobDeps } from '../src/pr-jobs/deps.ts';
import { policyOf } from '../src/pr-jobs/policy.ts';
import { createRecent } from '../src/pr-jobs/recent.ts';
import type { Asked } from '../src/pr-jobs/record.ts';
import { readSettings } from '../src/settings.ts';
import type { Caller } from '../src/tokens/caller.ts';
import type { PrJobApp } from './pr-job-app.ts';

/** A workflow of acme/shop (42) with one token of GitHub Actions, which asks without HTTP between. */
export interface Workflow {
  readonly caller: Caller;
  readonly asked: Asked[];
  create(name: string, key?: string): Promise<MadeJob>;
  cleanup(name: string): Promise<PullRequestPodCleanup>;
}

/** `caller`: of one that has asked before. Default: one with a new token. */
export function workflowOf(
  app: PrJobApp,
  more: Partial<Pick<PrJobDeps, 'deadlineMs'> & Pick<Workflow, 'caller'>> = {},
): Workflow {
  const { db } = app.server.database;
  const own = app.cluster.cluster;
  const deps: PrJobDeps = {
    db,
    clusters: createClusters({ own, ownNames: [], instance: 'a1', environment: {} }),
    instance: 'a1',
    policy: policyOf(readSettings({})),
    metrics: { prJob: () => {} },
    recent: createRecent(0),
    stopping: new AbortController().signal,
    deadlineMs: more.deadlineMs,
  };
  const caller: Caller = more.caller ?? {
    name: 'acme/shop (GitHub Actions run 1)',
    account: 'repository:42',
    scopes: ['pr-jobs:create', 'pr-jobs:cleanup'],
    repositoryIds: [42],
    namespaces: undefined,
    images: undefined,
    repository: { id: 42, fullName: 'acme/shop' },
    once: { issuer: 'https://issuer.example', jti: randomUUID(), expiresAt: new Date(Date.now() + 300_000) },
  };
  const all: Asked[] = [];
  const ask = (action: Asked['action'], name: string): Asked => {
    const asked: Asked = { action, caller, clusterName: '', cluster: '', namespace: 'default', name };
    all.push(asked);
    return asked;
  };
  return {
    caller,
    asked: all,
    create: (name, key) =>
      createForCaller(deps, {
        caller,
        order: checkOrder({ name }),
        repositoryId: undefined,
        key,
        asked: ask('create', name),
      }),
    cleanup: (name) =>
      cleanupForCaller(deps, {
        caller,
        name,
        namespace: 'default',
        clusterName: undefined,
        key: undefined,
        asked: ask('cleanup', name),
      }),
  };
}
