import { appResource } from './app.ts';
import { nodeId } from './user.ts';
import type { Json } from '../openapi/description.ts';
import type { CheckRun, Repository, World } from '../state.ts';

export function checkRunResource(world: World, repository: Repository, run: CheckRun): Json {
  const api = `${world.origin()}/repos/${repository.fullName}`;
  const page = `${world.origin()}/${repository.fullName}/runs/${run.id}`;
  const output = (run.fields['output'] ?? {}) as Json;
  return {
    id: run.id,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.sha,
    name: run.fields['name'],
    url: `${api}/check-runs/${run.id}`,
    html_url: page,
    details_url: run.fields['details_url'] ?? page,
    external_id: run.fields['external_id'] ?? '',
    status: run.fields['status'] ?? 'queued',
    conclusion: run.fields['conclusion'] ?? null,
    started_at: run.fields['started_at'] ?? null,
    completed_at: run.fields['completed_at'] ?? null,
    output: {
      title: output['title'] ?? null,
      summary: output['summary'] ?? null,
      text: output['text'] ?? null,
      annotations_count: ((output['annotations'] ?? []) as unknown[]).length,
      annotations_url: `${api}/check-runs/${run.id}/annotations`,
    },
    check_suite: { id: run.suite },
    app: appResource(world),
    pull_requests: [...repository.pulls.values()]
      .filter(({ state, head }) => state === 'open' && head.sha === run.sha && head.repository === repository)
      .map((pull) => ({
        id: pull.id,
        number: pull.number,
        url: `${api}/pulls/${pull.number}`,
        head: { ref: pull.head.ref, sha: pull.head.sha, repo: reference(api, repository) },
        base: { ref: pull.base.ref, sha: pull.base.sha, repo: reference(api, repository) },
      })),
  };
}

const reference = (url: string, { id, name }: Repository) => ({ id, url, name });
