import { page } from '../paging.ts';
import { invalid, notFound, validationFailed } from '../refusal.ts';
import { combinedStatusResource, statusesOf, statusResource } from '../resources/status.ts';
import { commitAt } from '../world.ts';
import { type Call, created, ok, type Route } from '../route.ts';
import type { Status } from '../state.ts';

const longestDescription = 140;

export const statusRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/statuses/{sha}',
    caller: 'installation',
    needs: ['statuses:write'],
    answer: (call) => {
      const { world, body, parameters } = call;
      const repository = call.repository();
      const sha = String(parameters['sha']);
      if (!/^[0-9a-f]{40}$/.test(sha) || commitAt(world, repository, sha) === undefined) {
        throw invalid(`No commit found for SHA: ${sha}`);
      }
      const status: Status = {
        id: world.nextId(),
        sha,
        context: textOf(body['context']) ?? 'default',
        state: body['state'] as Status['state'],
        description: textOf(body['description']),
        targetUrl: textOf(body['target_url']),
        createdAt: world.now(),
      };
      checkTexts(status);
      repository.statuses.push(status);
      return created(statusResource(world, repository, status));
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref}/statuses',
    caller: 'installation',
    needs: ['statuses:read'],
    answer: (call) => {
      const { items, headers } = page(call, statusesOf(call.repository(), shaOf(call)).toReversed());
      return ok(
        items.map((status) => statusResource(call.world, call.repository(), status)),
        headers,
      );
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref}/status',
    caller: 'installation',
    needs: ['statuses:read'],
    answer: (call) => ok(combinedStatusResource(call.world, call.repository(), shaOf(call))),
  },
];

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

function shaOf({ world, repository, parameters }: Call): string {
  const commit = commitAt(world, repository(), String(parameters['ref']));
  if (commit === undefined) throw notFound();
  return commit.sha;
}

/** Limits that GitHub enforces without describing them. */
function checkTexts({ description, targetUrl }: Status): void {
  if (description !== null && description.length > longestDescription) {
    const reason = `description is too long (maximum is ${longestDescription} characters)`;
    throw validationFailed('Status', 'description', reason);
  }
  if (targetUrl !== null && targetUrl !== '' && !/^https?:\/\//i.test(targetUrl)) {
    throw validationFailed('Status', 'target_url', 'target_url must use http(s) scheme');
  }
}
