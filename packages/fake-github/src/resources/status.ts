import { without } from '../without.ts';
import { botOf } from '../world.ts';
import { repositoryResource } from './repository.ts';
import { nodeId, userResource } from './user.ts';
import type { Json } from '../openapi/description.ts';
import type { Repository, Status, World } from '../state.ts';

export function statusResource(world: World, repository: Repository, status: Status): Json {
  const creator = userResource(world, botOf(world));
  return {
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    url: `${world.origin()}/repos/${repository.fullName}/statuses/${status.sha}`,
    avatar_url: creator['avatar_url'],
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
    creator,
  };
}

/** The newest of each context, and what they add up to. */
export function combinedStatusResource(world: World, repository: Repository, sha: string): Json {
  const newest = [
    ...new Map(statusesOf(repository, sha).map((status) => [status.context.toLowerCase(), status])).values(),
  ];
  const states = newest.map(({ state }) => state);
  const worst = states.includes('failure') || states.includes('error') ? 'failure' : 'pending';
  const url = `${world.origin()}/repos/${repository.fullName}/commits/${sha}`;
  return {
    state: states.length > 0 && states.every((state) => state === 'success') ? 'success' : worst,
    sha,
    total_count: newest.length,
    statuses: newest.map((status) => without(statusResource(world, repository, status), ['creator'])),
    repository: repositoryResource(world, repository),
    commit_url: url,
    url: `${url}/status`,
  };
}

/** Oldest first. */
export const statusesOf = (repository: Repository, sha: string): Status[] =>
  repository.statuses.filter((status) => status.sha === sha);
