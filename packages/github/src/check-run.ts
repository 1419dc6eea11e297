import { z } from 'zod';
import { checked } from './answer.ts';
import type { RepositoryCall } from './client.ts';
import { allPages, hasNext, pageSize } from './pages.ts';
import { isNotFound } from './request.ts';
import type { CheckRun } from './types.ts';

const written = z.object({ id: z.int() });
const listed = z.object({
  check_runs: z.array(
    z.object({
      id: z.int(),
      external_id: z.string().nullable(),
      app: z.object({ id: z.int() }).nullable(),
    }),
  ),
});

/** Writes one check run of the App. Returns its id. */
export async function writeCheckRun(call: RepositoryCall, appId: number, run: CheckRun): Promise<number> {
  const known = run.id === undefined ? undefined : await update(call, run.id, run);
  if (known !== undefined) return known;
  const found = await find(call, appId, run);
  const updated = found === undefined ? undefined : await update(call, found, run);
  return updated ?? create(call, run);
}

async function update({ what, request, parameters }: RepositoryCall, id: number, run: CheckRun) {
  try {
    const { data } = await request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
      ...parameters,
      check_run_id: id,
      ...fieldsOf(run),
    });
    return checked(what, written, data).id;
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

async function create({ what, request, parameters }: RepositoryCall, run: CheckRun): Promise<number> {
  const { data } = await request('POST /repos/{owner}/{repo}/check-runs', {
    ...parameters,
    head_sha: run.sha,
    ...fieldsOf(run),
  });
  return checked(what, written, data).id;
}

/** A crash between GitHub's yes and our own record leaves a check run whose id nobody knows; its external id and its App do. */
async function find({ what, request, parameters }: RepositoryCall, appId: number, run: CheckRun) {
  const ours = await allPages(what, async (page) => {
    const { data, headers } = await request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
      ...parameters,
      ref: run.sha,
      check_name: run.name,
      filter: 'all',
      per_page: pageSize,
      page,
    });
    const { check_runs: items } = checked(what, listed, data);
    return { items, more: hasNext(headers, items.length) };
  });
  return ours.find(({ app, external_id: externalId }) => app?.id === appId && externalId === run.externalId)?.id;
}

function fieldsOf({ name, externalId, status, conclusion, title, summary, detailsUrl }: CheckRun) {
  const common = {
    name,
    external_id: externalId,
    output: { title, summary },
    ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
  };
  return status === 'completed' ? { ...common, status, conclusion: conclusion ?? 'neutral' } : { ...common, status };
}
