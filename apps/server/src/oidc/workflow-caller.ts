import type { Caller } from '../tokens/caller.ts';
import type { WorkflowRun } from './claims.ts';

const scopes = ['pr-jobs:create', 'pr-jobs:status', 'pr-jobs:logs', 'pr-jobs:cleanup'] as const;

/**
 * What a workflow may do: pull-request jobs, for its own repository. Its event and who set it going are not part of the name: the number
 * of the run leads to both at GitHub. Pure.
 */
export function workflowCaller(run: WorkflowRun, issuer: string): Caller {
  const { repository, runId, jti, expiresAt } = run;
  return {
    name: `${repository.fullName} (GitHub Actions run ${runId})`,
    account: `repository:${repository.id}`,
    scopes,
    repositoryIds: [repository.id],
    namespaces: undefined,
    images: undefined,
    repository,
    once: { issuer, jti, expiresAt },
  };
}
