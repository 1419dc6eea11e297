import { page } from '../paging.ts';
import { notFound, validationFailed } from '../refusal.ts';
import { commentResource } from '../resources/comment.ts';
import { botOf } from '../world.ts';
import { type Call, created, ok, type Right, type Route } from '../route.ts';
import type { Comment } from '../state.ts';

const longestBody = 65_536;
const readers: readonly Right[] = ['issues:read', 'pull_requests:read'];
const writers: readonly Right[] = ['issues:write', 'pull_requests:write'];

export const commentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
    caller: 'installation',
    needs: readers,
    answer: (call) => {
      const issue = issueOf(call);
      const since = call.parameters['since'];
      const comments = [...call.repository().comments.values()]
        .filter((comment) => comment.issue === issue)
        .filter(({ updatedAt }) => since === undefined || updatedAt >= new Date(String(since)));
      const { items, headers } = page(call, comments);
      return ok(
        items.map((comment) => commentResource(call.world, call.repository(), comment)),
        headers,
      );
    },
  },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
    caller: 'installation',
    needs: writers,
    answer: (call) => {
      const { world } = call;
      const issue = issueOf(call);
      const now = world.now();
      const comment: Comment = {
        id: world.nextId(),
        issue,
        author: botOf(world),
        createdAt: now,
        updatedAt: now,
        body: bodyOf(call),
      };
      call.repository().comments.set(comment.id, comment);
      return created(commentResource(world, call.repository(), comment));
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    caller: 'installation',
    needs: readers,
    answer: (call) => ok(commentResource(call.world, call.repository(), commentOf(call))),
  },
  {
    method: 'PATCH',
    path: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    caller: 'installation',
    needs: writers,
    answer: (call) => {
      const comment = commentOf(call);
      comment.body = bodyOf(call);
      comment.updatedAt = call.world.now();
      return ok(commentResource(call.world, call.repository(), comment));
    },
  },
  {
    method: 'DELETE',
    path: '/repos/{owner}/{repo}/issues/comments/{comment_id}',
    caller: 'installation',
    needs: writers,
    answer: (call) => {
      call.repository().comments.delete(commentOf(call).id);
      return { status: 204 };
    },
  },
];

function issueOf({ repository, parameters }: Call): number {
  const number = Number(parameters['issue_number']);
  if (!repository().pulls.has(number)) throw notFound();
  return number;
}

function commentOf({ repository, parameters }: Call): Comment {
  const comment = repository().comments.get(Number(parameters['comment_id']));
  if (comment === undefined) throw notFound();
  return comment;
}

function bodyOf({ body }: Call): string {
  const text = String(body['body']);
  if (text.trim() === '') throw validationFailed('IssueComment', 'body', "body can't be blank");
  if (text.length > longestBody) {
    throw validationFailed('IssueComment', 'body', `body is too long (maximum is ${longestBody} characters)`);
  }
  return text;
}
