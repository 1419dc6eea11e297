import { example, retarget } from '../examples.ts';
import { nodeId, userResource } from './user.ts';
import type { Json } from '../openapi/description.ts';
import type { Repository, World } from '../state.ts';

/** With the fields of the full answer (`GET /repos/O/R`); the shorter forms allow them. */
export function repositoryResource(world: World, repository: Repository): Json {
  const { pull_request } = example('pull_request', 'opened') as { pull_request: { base: { repo: Json } } };
  const open = [...repository.pulls.values()].filter(({ state }) => state === 'open').length;
  return {
    ...retarget(pull_request.base.repo, {
      origin: world.origin(),
      owner: repository.owner.login,
      repository: repository.fullName,
    }),
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    visibility: repository.private ? 'private' : 'public',
    owner: userResource(world, repository.owner),
    fork: repository.parent !== undefined,
    default_branch: repository.defaultBranch,
    created_at: repository.createdAt.toISOString(),
    updated_at: repository.pushedAt.toISOString(),
    pushed_at: repository.pushedAt.toISOString(),
    open_issues: open,
    open_issues_count: open,
    has_discussions: false,
    network_count: 0,
    subscribers_count: 0,
  };
}
