import { appResource } from './app.ts';
import { nodeId, userResource } from './user.ts';
import type { Json } from '../openapi/description.ts';
import type { Comment, Repository, World } from '../state.ts';

export function commentResource(world: World, repository: Repository, comment: Comment): Json {
  const api = `${world.origin()}/repos/${repository.fullName}`;
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${api}/issues/comments/${comment.id}`,
    html_url: `${world.origin()}/${repository.fullName}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issue}`,
    user: userResource(world, comment.author),
    created_at: comment.createdAt.toISOString(),
    updated_at: comment.updatedAt.toISOString(),
    author_association: 'NONE',
    body: comment.body,
    performed_via_github_app: comment.author.type === 'Bot' ? appResource(world) : null,
  };
}
