import { page } from '../paging.ts';
import { invalid, notFound } from '../refusal.ts';
import { checkRunResource } from '../resources/check-run.ts';
import { commitAt } from '../world.ts';
import { type Call, created, ok, type Route } from '../route.ts';
import type { CheckRun } from '../state.ts';
import type { Json } from '../openapi/description.ts';

export const checkRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/check-runs',
    caller: 'installation',
    needs: ['checks:write'],
    answer: (call) => {
      const { world, body } = call;
      const repository = call.repository();
      const sha = String(body['head_sha']);
      if (!/^[0-9a-f]{40}$/.test(sha) || commitAt(world, repository, sha) === undefined) {
        throw invalid(`No commit found for SHA: ${sha}`);
      }
      // All runs of one App on one commit are one suite.
      const sibling = [...repository.checkRuns.values()].find((other) => other.sha === sha);
      const suite = sibling?.suite ?? world.nextId();
      const run: CheckRun = { id: world.nextId(), suite, sha, fields: written(call, {}) };
      repository.checkRuns.set(run.id, run);
      return created(checkRunResource(world, repository, run));
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/check-runs/{check_run_id}',
    caller: 'installation',
    needs: ['checks:read'],
    answer: (call) => ok(checkRunResource(call.world, call.repository(), runOf(call))),
  },
  {
    method: 'PATCH',
    path: '/repos/{owner}/{repo}/check-runs/{check_run_id}',
    caller: 'installation',
    needs: ['checks:write'],
    answer: (call) => {
      const run = runOf(call);
      run.fields = written(call, run.fields);
      return ok(checkRunResource(call.world, call.repository(), run));
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
    caller: 'installation',
    needs: ['checks:read'],
    answer: (call) => {
      const { world, parameters } = call;
      const repository = call.repository();
      const commit = commitAt(world, repository, String(parameters['ref']));
      if (commit === undefined) throw notFound();
      const { check_name: name, status } = parameters;
      const runs = [...repository.checkRuns.values()]
        .filter(({ sha }) => sha === commit.sha)
        .filter(({ fields }) => name === undefined || fields['name'] === name)
        .filter(({ fields }) => status === undefined || fields['status'] === status);
      const { items, headers } = page(call, runs);
      const resources = items.map((run) => checkRunResource(world, repository, run));
      return ok({ total_count: runs.length, check_runs: resources }, headers);
    },
  },
];

function runOf({ repository, parameters }: Call): CheckRun {
  const run = repository().checkRuns.get(Number(parameters['check_run_id']));
  if (run === undefined) throw notFound();
  return run;
}

/** A conclusion completes a run, and annotations add up, also where the client says neither. */
function written({ world, body }: Call, before: CheckRun['fields']): CheckRun['fields'] {
  const now = world.now().toISOString();
  const fields: Json = { status: 'queued', started_at: now, ...before, ...body };
  if (body['conclusion'] !== undefined) fields['status'] = 'completed';
  if (fields['status'] === 'completed') {
    if (fields['conclusion'] === undefined) throw invalid('conclusion is required when status is completed');
    fields['completed_at'] ??= now;
  } else {
    delete fields['conclusion'];
    delete fields['completed_at'];
  }
  const annotations = [before, body].flatMap(({ output }) => (output as Json | undefined)?.['annotations'] ?? []);
  if (body['output'] !== undefined)
    fields['output'] = { ...(before['output'] as Json), ...(body['output'] as Json), annotations };
  return fields;
}
