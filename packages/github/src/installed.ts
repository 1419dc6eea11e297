import { z } from 'zod';
import { checked } from './answer.ts';
import type { Call, RepositoryCall } from './client.ts';
import { GitHubIncomplete } from './errors.ts';
import { allPages, hasNext, pageSize } from './pages.ts';
import { isNotFound } from './request.ts';
import type { Installation, RepositoryName } from './types.ts';

const installationSchema = z
  .object({
    id: z.int(),
    account: z.object({ login: z.string().optional(), slug: z.string().optional() }).nullable(),
    suspended_at: z.string().nullish(),
    permissions: z.record(z.string(), z.string()),
    events: z.array(z.string()),
  })
  .transform(({ id, account, suspended_at: suspendedAt, permissions, events }): Installation => ({
    id,
    account: account?.login ?? account?.slug ?? 'an account that is gone',
    suspended: suspendedAt !== null && suspendedAt !== undefined,
    permissions,
    events,
  }));

const repositorySchema = z
  .object({ id: z.int(), full_name: z.string().regex(/^[^/\s]+\/[^/\s]+$/) })
  .transform(({ id, full_name: fullName }): RepositoryName => ({ id, fullName }));

export function installations({ what, request, options }: Call): Promise<Installation[]> {
  return allPages(what, async (page) => {
    const { data, headers } = await request('GET /app/installations', { ...options, per_page: pageSize, page });
    const items = checked(what, z.array(installationSchema), data);
    return { items, more: hasNext(headers, items.length) };
  });
}

export function installation({ what, request, options }: Call, id: number): Promise<Installation | undefined> {
  return unlessNotFound(async () => {
    const { data } = await request('GET /app/installations/{installation_id}', { ...options, installation_id: id });
    return checked(what, installationSchema, data);
  });
}

/** For a repository that was renamed GitHub leads on to its id, and `fetch` goes there. */
export function installationOn({ what, request, options }: Call, fullName: string): Promise<Installation | undefined> {
  const [owner = '', repo = ''] = fullName.split('/');
  return unlessNotFound(async () => {
    const { data } = await request('GET /repos/{owner}/{repo}/installation', { ...options, owner, repo });
    return checked(what, installationSchema, data);
  });
}

/** GitHub says how many there are: a list of another length was changed while it was read, or is not the whole one. */
export async function repositories({ what, request, options }: Call): Promise<RepositoryName[]> {
  const schema = z.object({ total_count: z.int(), repositories: z.array(repositorySchema) });
  const totals = new Set<number>();
  const all = await allPages(what, async (page) => {
    const { data, headers } = await request('GET /installation/repositories', { ...options, per_page: pageSize, page });
    const { total_count: total, repositories: items } = checked(what, schema, data);
    totals.add(total);
    return { items, more: hasNext(headers, items.length) };
  });
  const count = new Set(all.map(({ id }) => id)).size;
  if (totals.size === 1 && totals.has(count)) return all;
  throw new GitHubIncomplete({ what, reason: `it lists ${count} of ${[...totals].join(', then ')} repositories` });
}

/** A repository that was renamed answers under its old name too: with where it is now, and `fetch` goes there. */
export function repository({ what, request, parameters }: RepositoryCall): Promise<RepositoryName | undefined> {
  return unlessNotFound(async () => {
    const { data } = await request('GET /repos/{owner}/{repo}', { ...parameters });
    return checked(what, repositorySchema, data);
  });
}

async function unlessNotFound<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await run();
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}
